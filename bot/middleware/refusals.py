"""Why a question is not looked into: a line for the person, or nothing at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import prompts
from bot.types import Language, Question


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
