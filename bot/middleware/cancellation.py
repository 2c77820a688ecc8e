"""Running answers: cancelled by those who may, drained with what there is when the program ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from enum import StrEnum

from bot.llm.streams import closable
from bot.middleware.admission import say
from bot.middleware.queue import QuestionQueues
from bot.types import Answer, AnswerState, Ask, Language, Person, Place, Question


class RunningAnswer:
    """One question on its way. A task of its own makes the answer, so that it can be cancelled at any moment."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.newest: Answer | None = None
        self.news = asyncio.Event()
        self.stopped_by = ""
        self.task: asyncio.Task[None] | None = None

    async def follow(self, answers: AsyncIterator[Answer]) -> None:
        async with aclosing(closable(answers)) as stream:
            async for answer in stream:
                self.newest = answer
                self.news.set()

    def stop(self, reason: str) -> bool:
        """False for an answer that is complete, drawn or not."""
        if not self.task or self.task.done() or (self.newest and self.newest.final):
            return False
        self.stopped_by = self.stopped_by or reason
        self.task.cancel()
        return True

    def cut(self) -> Answer:
        """The last snapshot of an answer that was stopped."""
        last = self.newest or Answer(state=AnswerState.THINKING)
        words = say(self.stopped_by, self.question.person.language)
        shown = last.text.strip() if last.state is AnswerState.PARTIAL else ""
        return replace(last, state=AnswerState.STOPPED, text=f"{shown}\n\n{words}" if shown else words)


class RunningAnswers:
    """Every answer that is being made."""

    def __init__(self) -> None:
        self._answering: dict[int, RunningAnswer] = {}
        self._empty = asyncio.Event()
        self._empty.set()

    def stoppable(self, ask: Ask) -> Ask:
        """Let the answers of `ask` be stopped.

        Snapshots that nobody came for are passed over: a platform that draws slowly gets the newest. The answer is made
        ahead of the drawing.
        """

        async def stoppable_ask(question: Question) -> AsyncIterator[Answer]:
            one = RunningAnswer(question)
            one.task = asyncio.create_task(one.follow(ask(question)))
            one.task.add_done_callback(lambda _: one.news.set())
            self._answering[id(one)] = one
            self._empty.clear()
            try:
                async for answer in _snapshots(one, one.task):
                    yield answer
            finally:
                await _ended(one.task)
                del self._answering[id(one)]
                if not self._answering:
                    self._empty.set()

        return stoppable_ask

    def begun(self, place: Place, inbound: str = "") -> RunningAnswer | None:
        """What is being answered in a place, if it is the event `inbound` or none is named."""
        here = (one for one in self._answering.values() if one.question.place.key == place.key)
        return next((one for one in here if inbound in ("", one.question.inbound)), None)

    async def drain(self, grace_s: float) -> None:
        """Return when all answers have ended and were drawn; those that have not after `grace_s` are ended with what there is."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), grace_s)
        for one in list(self._answering.values()):
            one.stop("closing")
        await self._empty.wait()

    def __len__(self) -> int:
        return len(self._answering)


async def _snapshots(one: RunningAnswer, task: asyncio.Task[None]) -> AsyncIterator[Answer]:
    drawn: Answer | None = None
    while True:
        await one.news.wait()
        one.news.clear()
        over = task.done()
        if one.newest is not None and one.newest is not drawn:
            drawn = one.newest
            yield drawn
        if over:
            break
    if task.cancelled() and one.stopped_by:
        yield one.cut()
    else:
        task.result()


async def _ended(task: asyncio.Task[None]) -> None:
    """Whoever drew the answer went away: what makes it is ended too, and has closed its connections on return."""
    task.cancel()
    await asyncio.wait([task])


class StopResult(StrEnum):
    """What came of a wish to stop."""

    YES = "yes"
    NOT_YOURS = "not_yours"
    NOTHING = "nothing"

    def line(self, language: Language) -> str:
        """What to say; nothing when it worked, the answer itself says so."""
        if self is StopResult.YES:
            return ""
        return say("not_yours_to_stop", language) if self is StopResult.NOT_YOURS else say("nothing_to_stop", language)


def stop(
    lines: QuestionQueues, running: RunningAnswers, place: Place, by: Person, *, admin: bool, inbound: str = ""
) -> StopResult:
    """Stop what is being answered in a place, or the event `inbound`, begun or not. Who asked may, and an admin."""
    begun = running.begun(place, inbound)
    waits = lines.waiting(place, inbound) if inbound and not begun else None
    found = begun or waits
    if not found:
        return StopResult.NOTHING
    if not admin and found.question.person.key != by.key:
        return StopResult.NOT_YOURS
    if waits:
        lines.stop(waits)
        return StopResult.YES
    return StopResult.YES if begun and begun.stop("stopped") else StopResult.NOTHING
