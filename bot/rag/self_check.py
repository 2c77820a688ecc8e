"""A finished answer goes in; the same, or a better supported one, comes out: the model looks at it once more, and so do we.

The model is asked which sentences the passages do not support; if there are any, it writes the answer once more, and is asked
about that one too. The second takes the place of the first only when both looks, the model's and our own at words and numbers
(`supporting`), find it better. Whatever goes wrong, the first one stays.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import prompts
from bot.llm import ModelUnavailable, estimate_tokens
from bot.llm.completion import briefly_told
from bot.rag.generation import AnswerStream
from bot.rag.grounding import Sources, Support, claims_of, is_better, verdict_in, weigh
from bot.rag.prompt_builder import Prompt
from bot.types import Answer, AnswerState

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

log = logging.getLogger(__name__)

LONGEST_VERDICT = 200
"""Characters."""
ROOM_OF_VERDICT = 64
"""Tokens."""


class _Unclear(Exception):
    """There is no verdict that can be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """One more look at what was written in `writing`, by the same model, in `seconds` at most."""

    writing: AnswerStream
    window: int
    answer_tokens: int
    seconds: float

    def announced(self, first: Answer) -> Answer:
        """What is shown meanwhile: the answer as it is, and word that it is being looked at."""
        note = prompts.load("texts").say("checking", self.writing.language)
        return replace(first, state=AnswerState.PARTIAL, text=f"{first.text}\n\n{note}")

    async def at(self, first: Answer) -> Answer:
        """`first`, or a better one; its receipt says what came of the look."""
        try:
            async with asyncio.timeout(self.seconds):
                answer, outcome = await self._better(first)
        except TimeoutError:
            log.info("no second look at an answer: %s took longer than %s s", self.writing.model.name, self.seconds)
            answer, outcome = first, "unclear"
        except (_Unclear, ModelUnavailable) as problem:
            log.info("no second look at an answer: %s", problem)
            answer, outcome = first, "unclear"
        return replace(answer, receipt=replace(first.receipt, verified=outcome))

    async def _better(self, first: Answer) -> tuple[Answer, str]:
        claims = claims_of(self.writing.said)
        if not claims:
            return first, "supported"
        sources = Sources(self._told())
        before = await self._judged(claims, sources)
        if not before.unsupported:
            return first, "supported"
        second, said = await self._mended(before)
        if second.receipt.stopped or bool(first.citations) > bool(second.citations):
            return first, "kept"
        after = await self._judged(claims_of(said), sources)
        return (second, "improved") if is_better(after, before) else (first, "kept")

    def _told(self) -> tuple[str, ...]:
        """What a claim may rest on: passages with their headings, what is remembered, what people said; not earlier answers."""
        told = self.writing.prompt
        remembered = str(told.messages[0].content).removeprefix(told.system)
        people = [str(message.content) for message in told.messages[1:-1] if message.type == "human"]
        passages = [" ".join((source.title, *source.heading, source.text)) for source in told.given]
        return (remembered, *people, told.question, *passages)

    async def _judged(self, claims: Sequence[str], sources: Sources) -> Support:
        if not claims:
            raise _Unclear("the second answer says nothing")
        messages = self._asking("judge", claims, room=ROOM_OF_VERDICT)
        said = await briefly_told(self.writing.model, messages, longest=LONGEST_VERDICT)
        verdict = verdict_in(said, len(claims))
        if verdict is None:
            raise _Unclear(f"{said[:60]!r} is no verdict")
        return weigh(claims, verdict, sources)

    async def _mended(self, support: Support) -> tuple[Answer, str]:
        """The answer as the model writes it with its doubtful sentences pointed out, checked as every answer is."""
        messages = self._asking("mend", support.doubted, room=self.answer_tokens, answer=self.writing.said)
        estimated = sum(estimate_tokens(str(message.content)) for message in messages)
        told: Prompt = replace(self.writing.prompt, messages=messages, estimated=estimated)
        writing = replace(self.writing, prompt=told)
        async with aclosing(writing.snapshots()) as answers:  # type: ignore[type-var]
            *_, answer = [answer async for answer in answers]
        return answer, writing.said

    def _asking(self, task: str, claims: Sequence[str], *, room: int, **values: object) -> tuple[BaseMessage, ...]:
        """The prompt of the answer with an order after it, without the turns if it would not fit with them.

        A server that keeps what it has read need not read the beginning again.

        Raises:
            _Unclear: it does not fit at all.
        """
        from langchain_core.messages import HumanMessage

        first, *turns, last = self.writing.prompt.messages
        numbered = "\n".join(f"{n}. {' '.join(claim.split())}" for n, claim in enumerate(claims, 1))
        say = prompts.load("verify").say
        order = HumanMessage(say(task, self.writing.language, told=last.content, sentences=numbered, **values))
        for messages in ((first, *turns, order), (first, order)):
            if sum(self.writing.scale(str(message.content)) for message in messages) + room <= self.window:
                return messages
        raise _Unclear("the window is too small for it")
