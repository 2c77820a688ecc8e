"""The one path that every question takes: state, search, prompt, model, check, state. Answers come out as snapshots."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

import prompts
from bot.llm import ChatModel, ModelUnavailable, ReadingSpeed, TokenEstimator
from bot.memory.policy import label
from bot.rag import (
    AnswerCache,
    AnswerStream,
    AnswerStyle,
    CacheKey,
    EarlierTurn,
    Finder,
    NotSupported,
    Prompt,
    PromptContext,
    QuestionVector,
    Said,
    SentMessages,
    abstained,
    by_excerpts,
    first_quote,
    is_hard,
    memory_room,
    pack,
    with_quote,
)
from bot.rag.message_kind import MessageKind, MessageReading, read_message
from bot.rag.notes_guide import NotesGuide
from bot.storage import Turn, TurnStore
from bot.types import Answer, AnswerState, Language, Place, Question, language_of
from knowledge.notebook import Notebook, SearchResult

log = logging.getLogger(__name__)

TURNS, SEEN = 6, 24
"""Earlier turns of the place that a model is told, and among which those of the same person are looked for."""
INTERNATIONAL = 2
"""Words in Latin letters that may be small talk in any language."""


class RecalledMemory(Protocol):
    """What is remembered that fits a question."""

    @property
    def text(self) -> str:
        """For the prompt; it says of each thing whose it is and when it was said."""

    @property
    def used(self) -> tuple[str, ...]:
        """Names of what is in `text`, for the receipt."""


class Remembering(Protocol):
    """Remembers people and places; see `bot.memory`."""

    async def recall(self, question: Question, window: Sequence[Turn] = (), *, budget: int) -> RecalledMemory:
        """What fits the question and may be told in its place, in `budget` tokens at most."""

    async def after(self, question: Question, answer: Answer) -> None:
        """To be called when an answer is stored."""


@dataclass(slots=True, kw_only=True)
class Models:
    """The model that answers, and the one that is asked when thinking is worth its time."""

    fast: ChatModel
    deep: ChatModel | None = None
    secrets: tuple[str, ...] = ()
    """What no answer may show."""
    deep_unasked: bool = False
    """True: the deep one also answers what is hard without being asked to."""

    def to_ask(self, question: Question, found: SearchResult) -> tuple[ChatModel, ...]:
        """The model that is to answer, and the one that does if it cannot."""
        wanted = question.deep or (self.deep_unasked and self.deep and is_hard(question.words, found))
        return (self.deep, self.fast) if wanted and self.deep else (self.fast,)

    async def warm_up(self) -> None:
        """Load the model that answers first; whether that works is seen when it is asked."""
        try:
            await self.fast.warm_up()
        except ModelUnavailable as error:
            log.warning("not warmed up: %s", error)

    async def close(self) -> None:
        """Give back connections."""
        await self.fast.close()
        if self.deep:
            await self.deep.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A question with everything that is known about it before a model is asked."""

    question: Question
    turns: tuple[Turn, ...]
    found: SearchResult
    manner: AnswerStyle
    language: Language
    sent: Mapping[str, str] = field(default_factory=dict)
    """See `SentMessages`."""

    def packed(self, memory: str, *, window: int, count: TokenEstimator, reading: int) -> Prompt:
        """The prompt. Who asks is told only where others have spoken or something is remembered: an answer may take it up."""
        question = self.question
        turns = tuple(replace(turn, asked=with_quote(turn.asked, turn.quote, self.language)) for turn in self.turns)
        told = _labelled(turns, question.place)
        background = PromptContext(turns=told, hits=self.found.hits, memory=memory, sent=self.sent)
        alone = not self.turns and not memory
        words = with_quote(question.text, question.quote, self.language)
        asking = words if alone else _said_by(words, question.person.name, question.person.key, question.place)
        return pack(asking, background, window=window, manner=self.manner, language=self.language, count=count, reading=reading)

    def asked(self, model: str) -> CacheKey:
        """What the answer depends on; turns belong to their place, and have a say in what is found."""
        return CacheKey.of(
            self.found.searched,
            index=self.found.index,
            prompts=prompts.load("answer").version,
            model=model,
            language=self.language,
            length=self.manner.length,
            place=self.question.place.key if self.turns else "",
        )

    def wording(self) -> QuestionVector | None:
        """How it was put, if there is a vector of just that: a question that leans on others is like none."""
        if self.found.vector is None or self.found.searched != self.question.words:
            return None
        return QuestionVector(text=self.question.words, place=self.question.place.key, vector=self.found.vector)


class Assistant:
    """Answers questions from one notebook, with a model or without."""

    def __init__(
        self,
        *,
        notebook: Notebook,
        state: TurnStore,
        models: Models | None = None,
        manner: AnswerStyle | None = None,
        memory: Remembering | None = None,
        cache: AnswerCache | None = None,
        finder: Finder | None = None,
        sent: SentMessages | None = None,
    ) -> None:
        self._finder = finder or Finder(notebook)
        self._guide = NotesGuide(notebook)
        self._state = state
        self._models = models
        self._manner = manner or AnswerStyle()
        self._memory = memory
        self._cache = cache or AnswerCache()
        self._scales: dict[str, TokenEstimator] = {}
        self._speeds: dict[str, ReadingSpeed] = {}
        self._sent = sent or SentMessages()

    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        """Answer `question`; the last snapshot is recorded and carries the answer's id."""
        started = time.perf_counter()
        language = language_of(question.text or question.words, question.person.language)
        before = () if question.alone else await self._state.recent_turns(question.place, SEEN, until=question.reply_to)
        turns = before[-TURNS:]
        reading = read_message(question.text or question.words)
        near = await self._near(question) if reading.target else ""
        if guided := await self._guide.answer(reading, _spoken(reading, question, turns, language), near=near):
            async for answer in self._guided(guided, reading, question, language, near):
                if not answer.final:
                    yield answer
            yield await self._keep(question, answer, started)
            return
        found = await self._finder.find(_said(question, before), reading)
        yield Answer(state=AnswerState.THINKING)
        answer = abstained(found, language)
        if not found.abstained:
            async with aclosing(self._answer(question, turns, found, language)) as answers:
                async for answer in answers:
                    if not answer.final:
                        yield answer
        ranked = tuple(hit.passage.id for hit in found.hits)
        receipt = replace(answer.receipt, searched=found.searched, found=len(ranked), ranked=ranked, search_ms=found.ms)
        yield await self._keep(question, replace(answer, receipt=receipt), started)

    async def _keep(self, question: Question, answer: Answer, started: float) -> Answer:
        """The answer with its id, once it is recorded."""
        receipt = replace(answer.receipt, total_ms=(time.perf_counter() - started) * 1000)
        kept = await self._state.record(question, replace(answer, receipt=receipt))
        self._sent.keep(question.place.key, kept)
        if self._memory:
            await self._memory.after(question, kept)
        return kept

    async def _near(self, question: Question) -> str:
        """The note that the answer replied to rests on, or the last answer here that rests on any."""
        answer_id = question.reply_to or await self._state.last_answer_with_sources(question.place)
        sources = await self._state.sources(answer_id) if answer_id and not question.alone else ()
        return sources[0].path if sources else ""

    async def _guided(
        self, guided: Answer, reading: MessageReading, question: Question, language: Language, near: str
    ) -> AsyncGenerator[Answer]:
        """What needs no search as it is; a note is summed up by the model, if there is one that can."""
        found = await self._guide.to_sum_up(reading, near=near) if self._models else None
        if found:
            async with aclosing(self._answer(question, (), found, language)) as answers:
                async for answer in answers:
                    if answer.final and answer.state is not AnswerState.MODEL:
                        break  # the note's own sentences say more than what a search would quote
                    yield answer
                else:
                    return
        yield guided

    async def _answer(
        self, question: Question, turns: tuple[Turn, ...], found: SearchResult, language: Language
    ) -> AsyncGenerator[Answer]:
        """By the model that is to answer; by the next one, and in the end by excerpts, if nothing was shown yet."""
        strict = self._manner.unsupported if question.place.private else "strict"
        manner = replace(self._manner, length=question.length or self._manner.length, unsupported=strict)
        case = _Case(question=question, turns=turns, found=found, manner=manner, language=language)
        preview = first_quote(question.words, found, language)
        problem, shown = "", False
        for model in self._models.to_ask(question, found) if self._models and not found.near else ():
            remark = prompts.load("texts").say("without_deep", language, why=problem) if problem and question.deep else ""
            try:
                async with aclosing(self._by_model(model, case, remark, preview)) as answers:
                    async for answer in answers:
                        shown = shown or (answer.state is AnswerState.PARTIAL and answer is not preview)
                        yield answer
                return
            except NotSupported as error:
                log.info("answered by excerpts: %s", error)
                yield by_excerpts(
                    question.words, found, manner, language, lead="model_found_nothing" if error.refused else "nothing_supported"
                )
                return
            except ModelUnavailable as error:
                problem = str(error)
                if shown:
                    break
                log.info("not answered by %s: %s", model.name, error)
        if problem:
            log.warning("answered by excerpts: %s", problem)
        yield by_excerpts(question.words, found, manner, language, why_no_model=problem)

    async def _by_model(self, model: ChatModel, case: _Case, remark: str, preview: Answer) -> AsyncGenerator[Answer]:
        """`preview` is shown while the model reads."""
        window = await model.window()
        manner, question = case.manner, case.question
        memory, used = await self._recalled(question, case.turns, memory_room(window, manner.answer_tokens))
        scale = self._scales.setdefault(model.name, TokenEstimator())
        speed = self._speeds.setdefault(model.name, ReadingSpeed())
        case = replace(case, sent=self._sent.of(question.place.key, model.name))
        prompt = case.packed(memory, window=window, count=scale, reading=speed.budget(manner.first_words_s))
        asked, wording = case.asked(model.name), case.wording()
        known = None if memory or question.again else self._cache.get(asked, wording)
        if known:
            yield replace(known, receipt=replace(known.receipt, cached=True, first_word_ms=0.0))
            return
        yield preview
        self._sent.begin(question.place.key, model.name, str(prompt.messages[-1].content))
        writing = AnswerStream(
            prompt=prompt,
            model=model,
            scale=scale,
            language=case.language,
            secrets=self._models.secrets if self._models else (),
            remark=remark,
            every_s=manner.every_s,
            unsupported=manner.unsupported,
            speed=speed,
            thesaurus=await self._finder.notebook.thesaurus(),
        )
        async for answer in writing.snapshots():
            answer = replace(answer, receipt=replace(answer.receipt, memory=used))
            if answer.final and not (memory or remark or answer.receipt.stopped):
                self._cache.put(asked, answer, wording)
            yield answer

    async def _recalled(self, question: Question, turns: tuple[Turn, ...], tokens: int) -> tuple[str, tuple[str, ...]]:
        """What is remembered, for the prompt, and what it is made of."""
        if self._memory is None or question.alone:
            return "", ()
        recalled = await self._memory.recall(question, turns, budget=tokens)
        return recalled.text, recalled.used


def _spoken(reading: MessageReading, question: Question, turns: Sequence[Turn], language: Language) -> Language:
    """Everybody says `ok` and `hi`: in a conversation it is answered in the language that its person spoke last."""
    if reading.kind is not MessageKind.TALK or len(reading.words.split()) > INTERNATIONAL or not reading.words.isascii():
        return language
    last = next((turn.asked for turn in reversed(turns) if turn.person == question.person.key), "")
    return language_of(last, language)


def _said(question: Question, before: Sequence[Turn]) -> Said:
    """The question with the questions before it; what the notes did not answer is known from the answer's state."""
    earlier = [EarlierTurn(question=turn.words, person=turn.person, answered=turn.answered_by_notes) for turn in before]
    return Said(
        text=question.text,
        person=question.person.key,
        before=earlier,
        replied=bool(before and question.reply_to == before[-1].answer_id),
        quoted=question.quote.text if question.quote else "",
    )


def _labelled(turns: tuple[Turn, ...], place: Place) -> tuple[Turn, ...]:
    return tuple(replace(turn, asked=_said_by(turn.asked, turn.name, turn.person, place)) for turn in turns)


def _said_by(words: str, name: str, person: str, place: Place) -> str:
    """In a group the model is told who says what, by a name that two people never share."""
    return words if place.private or not words else f"{label(name, person)}: {words}"
