"""Questions, answers that wait until they are let go, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from bot.middleware import Middleware
from bot.settings import Settings
from bot.storage import TurnStore
from bot.types import Answer, AnswerState, Ask, Language, Person, Place, Question

GROUP = Place(platform="telegram", chat="-7", private=False)
ANN, BEN = Person(platform="telegram", id="5", language="en"), Person(platform="telegram", id="6", language="en")
OWNER = Person(platform="telegram", id="1", language="en")


def private(person: Person) -> Place:
    return Place(platform=person.platform, chat=person.id)


def question(
    text: str = "?", person: Person = ANN, place: Place = GROUP, *, inbound: str = "", language: Language = "en"
) -> Question:
    who = Person(platform=person.platform, id=person.id, language=language, roles=person.roles)
    return Question(person=who, place=place, text=text, inbound=inbound)


def settings(**sections: object) -> Settings:
    """Owner 1 is an admin, person 5 is let in, and so is the group."""
    telegram = {"admins": [1], "allowed_users": [5, 6], "allowed_chats": [-7]}
    return Settings(**{"telegram": telegram, **sections})


def guards(state: TurnStore, **sections: object) -> Middleware:
    return Middleware.of(settings(**sections), state.database)


@dataclass
class Slow:
    """Says each question's text in two steps; the second comes when the question is let go."""

    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Those that were answered to the end."""
    closed: list[str] = field(default_factory=list)
    """Those whose stream was closed, at its end or before."""
    most_at_once: int = 0
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    at_once: dict[str, int] = field(default_factory=dict)

    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        place = question.place.key
        self.begun.append(question.text)
        self.at_once[place] = self.at_once.get(place, 0) + 1
        self.most_at_once = max(self.most_at_once, self.at_once[place])
        try:
            yield Answer(state=AnswerState.PARTIAL, text=f"{question.text} half")
            await self.gate(question.text).wait()
            self.ended.append(question.text)
            yield Answer(state=AnswerState.MODEL, text=f"{question.text} whole", id=f"id {question.text}")
        finally:
            self.at_once[place] -= 1
            self.closed.append(question.text)

    def gate(self, text: str) -> asyncio.Event:
        return self.gates.setdefault(text, asyncio.Event())


async def at_once(question: Question) -> AsyncIterator[Answer]:
    """An answer without a wait."""
    yield Answer(state=AnswerState.MODEL, text=f"{question.text} whole", id=f"id {question.text}")


async def answers(ask: Ask, question: Question) -> list[Answer]:
    return [answer async for answer in ask(question)]


async def last(ask: Ask, question: Question) -> Answer | None:
    """What is drawn in the end; nothing for silence."""
    drawn = await answers(ask, question)
    return drawn[-1] if drawn else None


async def until(what: object) -> None:
    """Let the loop run until `what()` is true."""
    async with asyncio.timeout(5):
        while not what():  # type: ignore[operator]
            await asyncio.sleep(0.001)
