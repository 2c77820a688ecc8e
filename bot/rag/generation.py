"""Generation: chooses the model, and streams its answer as checked snapshots."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import prompts
from bot.llm import ChatModel, Chunk, ModelUnavailable, ReadingSpeed, TokenEstimator
from bot.rag.annotation import Unsupported, annotate
from bot.rag.attribution import Attributor
from bot.rag.citations import cited, only_real_quotations, squeezed, without_begun, without_unknown
from bot.rag.output_guard import GuardConfig, legible, safe
from bot.rag.prompt_builder import Prompt
from bot.rag.repetition import before_echo, before_loop, loops
from bot.types import Answer, AnswerState, Language, Receipt
from knowledge.notebook import SearchResult
from knowledge.text import Thesaurus


class NotSupported(Exception):
    """Nothing that the model says stands in the passages; `refused` is true when it says no more than that."""

    def __init__(self, message: str, *, refused: bool) -> None:
        super().__init__(message)
        self.refused = refused


LOOKED_AT = 24
"""Pieces between two looks for a loop."""


@dataclass(kw_only=True)
class AnswerStream:
    """One answer while it is written."""

    prompt: Prompt
    model: ChatModel
    scale: TokenEstimator
    language: Language
    secrets: tuple[str, ...] = ()
    remark: str = ""
    """Said below the answer."""
    every_s: float = 0.1
    """Seconds between two snapshots at least: no platform draws faster, and each one is checked anew."""
    unsupported: Unsupported = "strict"
    speed: ReadingSpeed = field(default_factory=ReadingSpeed)
    thesaurus: Thesaurus = field(default_factory=Thesaurus)
    said: str = field(default="", init=False)
    """The finished answer as it is shown, without remarks."""
    _text: str = field(default="", init=False)
    _looped: bool = field(default=False, init=False)
    _first_word: float = field(default=0.0, init=False)
    _held: str = field(default="", init=False)
    _counted: tuple[int, int] = field(default=(0, 0), init=False)
    _left_out: int = field(default=0, init=False)
    _read_s: float = field(default=0.0, init=False)

    @cached_property
    def _attributor(self) -> Attributor:
        """Built while the model reads: what an answer may rest on is known by then."""
        prompt = self.prompt
        return Attributor(prompt.given, question=prompt.question, said=prompt.said, thesaurus=self.thesaurus)

    async def snapshots(self) -> AsyncIterator[Answer]:
        """Snapshots, the last one final.

        Raises:
            ModelUnavailable: the model cannot go on; half an answer is none.
            NotSupported: the passages support no sentence of the answer.
        """
        started = time.perf_counter()
        async with aclosing(self._partial()) as partial:
            async for answer in partial:
                yield answer
        if not self._text.strip():
            raise ModelUnavailable(f"{self.model.name} said nothing")
        yield self._final(started)

    async def _partial(self) -> AsyncGenerator[Answer]:
        shown, pieces = 0.0, 0
        words = prompts.load("texts")
        async with aclosing(cast("AsyncGenerator[Chunk]", self.model.stream(self.prompt.messages))) as stream:
            async for piece in stream:
                self._counted = (piece.prompt_tokens or self._counted[0], piece.answer_tokens or self._counted[1])
                self._read_s = piece.prompt_s or self._read_s
                if piece.waiting:
                    yield Answer(state=AnswerState.THINKING, text=words.say("waiting", self.language, n=piece.waiting))
                if not piece.text:
                    continue
                self._first_word = self._first_word or time.perf_counter()
                self._text += piece.text
                pieces += 1
                if pieces % LOOKED_AT == 0 and (self._repeats_the_prompt() or loops(self._text)):
                    return
                if time.perf_counter() - shown >= self.every_s:
                    yield Answer(state=AnswerState.PARTIAL, text=self._checked(before_echo(self._text), whole=False))
                    shown = time.perf_counter()

    def _repeats_the_prompt(self) -> bool:
        """True once it has answered and goes on with more of what it was told."""
        own = before_echo(self._text)
        return bool(own.strip()) and self._text.startswith(own) and own != self._text

    def _final(self, started: float) -> Answer:
        text = before_echo(self._text)
        self._looped = loops(text)
        text = before_loop(text) if self._looped else text
        self._learn(self._counted[0])
        checked = self._checked(text.strip(), whole=True).rstrip()
        if not checked:
            raise ModelUnavailable(f"{self.model.name} said nothing that may be shown")
        self.said = checked
        return Answer(
            state=AnswerState.MODEL,
            text="\n\n".join(part for part in (checked, *self._remarks()) if part),
            citations=cited(checked, self.prompt.given),
            receipt=self._receipt(started, stopped="loop" if self._looped else ""),
        )

    def _learn(self, counted: int) -> None:
        """Take up what the server counted.

        Raises:
            ModelUnavailable: the prompt fills the whole window, so that the server has cut off some of it, nobody knows what.
        """
        if not counted:
            return
        self.scale.learn(self.prompt.estimated, counted)
        self.speed.learn(self.prompt.fresh * counted, self._read_s)
        if 0 < self.prompt.window <= counted:
            raise ModelUnavailable(f"{self.model.name} could not read the whole prompt ({counted} tokens or more)")

    def _remarks(self) -> Iterator[str]:
        words = prompts.load("texts")
        if self._looped:
            yield words.say("looped", self.language)
        if self._left_out and self.unsupported == "strict":
            yield words.say("unsupported_left_out", self.language, n=self._left_out)
        if self.prompt.shortened:
            yield words.say("question_shortened", self.language)
        yield self.remark

    def _checked(self, text: str, *, whole: bool) -> str:
        text = self._annotated(self._with_known_marks(legible(text) if whole else without_begun(legible(text))), whole=whole)
        rules = GuardConfig(system=self.prompt.system, secrets=self.secrets, language=self.language)
        shown = safe(text, cited(text, self.prompt.given), rules, whole=whole)
        text = self._with_known_marks(shown) if shown != text else text  # a mark may have been hidden around a tag
        return only_real_quotations(text, self.prompt.given) if whole else text

    def _annotated(self, text: str, *, whole: bool) -> str:
        remark = prompts.load("texts").say("not_from_notes", self.language)
        found = annotate(text, self._attributor, unsupported=self.unsupported, remark=remark, whole=whole)
        if whole and not found.supported and self.unsupported != "off":
            raise NotSupported(f"{self.model.name} said nothing that stands in the notes", refused=found.left_out == 0)
        self._left_out = found.left_out
        return found.text

    def _with_known_marks(self, text: str) -> str:
        if not self._held:
            self._held = squeezed("\n".join(source.text for source in self.prompt.given))
        return without_unknown(text, len(self.prompt.given), self._held)

    def _receipt(self, started: float, *, stopped: str) -> Receipt:
        return Receipt(
            used=tuple(citation.passage for citation in self.prompt.given),
            dropped=self.prompt.dropped,
            flagged=self.prompt.flagged,
            turns=self.prompt.turns,
            tokens=self.prompt.parts,
            prompt_tokens=self._counted[0],
            answer_tokens=self._counted[1],
            model=self.model.name,
            stopped=stopped,
            first_word_ms=(self._first_word - started) * 1000 if self._first_word else 0.0,
        )


WEAK = 1.5
"""Times the floor below which the notes are said not to answer; on 81 questions that a vault answers, one in seven is below."""
COMPARES = re.compile(
    r"比较|对比|区别|差别|差异|异同|不同(?:之处|点|在)|优缺点|利弊|分别|各自|联系|关系是|之间的?关系"
    r"|\b(?:compar\w+|differ\w*|versus|vs|pros and cons|trade-?offs?|respectively|relat(?:e|es|ed|ion\w*) (?:to|between))\b",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"为什么|为何|什么时候|什么|怎么样?|怎样|如何|哪|谁|多少|多久|几[个种步]|吗|是否"
    r"|\b(?:what|which|who|why|how|when|where)\b",
    re.IGNORECASE,
)
PART = re.compile(r"[，,；;。？?！!\n]|以及|并且|还有|同时|然后|另外|\b(?:and|also|then)\b", re.IGNORECASE)


def is_hard(question: str, found: SearchResult) -> bool:
    """True when little was found for it, or it asks for several things."""
    return 0 < found.strength < WEAK or has_parts(question)


def has_parts(question: str) -> bool:
    """True for a comparison, and for a question of which two parts ask something."""
    return bool(COMPARES.search(question)) or sum(bool(ASKS.search(part)) for part in PART.split(question)) > 1
