"""Cards, people and a clock for tests of quizzes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.quiz.cards.card import Card, CardKind, CardSource
from bot.quiz.router import Quiz
from bot.types import Language, Page, Person, Place

ANN = Person(platform="telegram", id="1", name="Ann", language="en")
BEN = Person(platform="telegram", id="2", name="Ben", language="en")
PRIVATE = Place(platform="telegram", chat="1")
GROUP = Place(platform="telegram", chat="-100", private=False)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def card(number: int, *, path: str = "rag.md", heading: tuple[str, ...] = ("RAG",), **changes: object) -> Card:
    """The card with that number: question, answer and id tell it."""
    one = Card(
        id=f"c{number:04}",
        source=CardSource.FOUND,
        kind=CardKind.DEFINITION,
        prompt=f"Question {number}?",
        question=f"Question {number}?",
        topic="",
        answer=answer_of(number),
        path=path,
        title=path.removesuffix(".md").upper(),
        heading=heading,
        lines=(number, number + 1),
        start=number * 10,
        end=number * 10 + 8,
        passage=f"p{number}",
        passage_digest=f"d{number}",
        language="en",
        thing="fruit",
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def answer_of(number: int) -> str:
    return f"Answer {number}"


class Clock:
    """A clock that stands still until it is moved. Who sleeps on it wakes when it has been moved far enough."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at
        self._moved = asyncio.Condition()

    def __call__(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        until = self.at + timedelta(seconds=seconds)
        async with self._moved:
            await self._moved.wait_for(lambda: self.at >= until)

    async def forward(self, **span: float) -> None:
        async with self._moved:
            self.at += timedelta(**span)
            self._moved.notify_all()


class Chat:
    """What a platform shows of one person's quiz."""

    def __init__(self, quiz: Quiz, person: Person = ANN, place: Place = PRIVATE, language: Language = "en") -> None:
        self.quiz, self.person, self.place, self.language = quiz, person, place, language
        self.page = Page()

    async def say(self, words: str) -> Page:
        self.page = await self.quiz.command(self.person, self.place, words, self.language)
        return self.page

    async def press(self, label: str) -> Page:
        """The button whose label begins so (a mark before it does not count)."""
        shown = await self.quiz.press(self.person, self.place, self.data(label))
        self.page = shown if shown.text else self.page
        return shown

    async def type(self, text: str) -> Page | None:
        shown = await self.quiz.typed(self.person, self.place, text)
        self.page = shown or self.page
        return shown

    def data(self, label: str) -> str:
        found = [button.data for button in self.page.buttons if button.label.removeprefix("• ").startswith(label)]
        assert found, f"no button {label!r} among {[button.label for button in self.page.buttons]}"
        return found[0]

    @property
    def asked(self) -> int:
        """The number of the card that is asked."""
        found = re.search(r"Question (\d+)\?", self.page.text)
        return int(found[1]) if found else 0


async def until(true: Callable[[], bool]) -> None:
    """Wait for what happens in another task; a test that waits for ever is ended by its deadline."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)
