"""Admission: what an admission check returns, the words of a refusal, and the check that an event is answered only once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import prompts
from bot.llm.streams import closable
from bot.storage import Ledger
from bot.types import Answer, Ask, Language, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An empty line means silence."""

    line: str = ""
    patient: bool = False
    """True for a line that may wait for everything else that is to be said."""


Admit = Callable[[Question], Awaitable[Refusal | None]]
"""Asked before a question waits for its turn; `None` lets it in."""


def first_refusal(*ask: Admit) -> Admit:
    """The deciders are asked in this order, up to the first that refuses."""

    async def admit(question: Question) -> Refusal | None:
        for decide in ask:
            refusal = await decide(question)
            if refusal:
                return refusal
        return None

    return admit


def say(name: str, language: Language, **values: object) -> str:
    """An entry of `prompts/access.yaml`."""
    return prompts.load("access").say(name, language, **values)


def in_words(seconds: float, language: Language) -> str:
    """A time to wait, rounded up to a unit that a person would use."""
    whole = max(1, int(seconds + 0.999))
    if whole < 100:
        return say("seconds", language, count=whole)
    minutes = -(-whole // 60)
    return say("minutes", language, count=minutes) if minutes < 100 else say("hours", language, count=-(-minutes // 60))


def not_again(ledger: Ledger) -> Admit:
    """Silence for what the ledger does not hold as unfinished; questions without an inbound key pass."""

    async def admit(question: Question) -> Refusal | None:
        unfinished = not question.inbound or await ledger.is_unfinished(question.inbound)
        return None if unfinished else Refusal()

    return admit


def finishing(ask: Ask, ledger: Ledger) -> Ask:
    """Finish the event when the platform comes back for more after the last snapshot: then it has delivered that one.

    A platform that goes away before (it was cancelled, the program was killed) leaves the event to the next start, and so
    does the end of the program before the question's turn. What was answered with silence is finished.
    """

    async def ask_and_finish(question: Question) -> AsyncIterator[Answer]:
        last: Answer | None = None
        async with aclosing(closable(ask(question))) as answers:
            async for last in answers:
                yield last
        if question.inbound:
            await ledger.done(question.inbound, answer=last.id if last else "")

    return ask_and_finish
