"""What controls are given besides commands, and what they hand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.types import Language, Page, Person, Place, Quote


class Quizzes(Protocol):
    """Flashcards; see `bot.quiz`."""

    async def command(self, person: Person, place: Place, words: str, language: Language) -> Page: ...

    async def press(self, person: Person, place: Place, data: str) -> Page: ...

    async def typed(self, person: Person, place: Place, text: str) -> Page | None: ...

    def heard_from(self, person: Person, place: Place) -> None:
        """Somebody says or presses something: they can be reached there."""


class Memories(Protocol):
    """Pages on what is remembered; see `bot.memory`."""

    async def obey(self, name: str, words: str, person: Person, place: Place, language: Language, *, admin: bool) -> Page: ...

    async def press(self, person: Person, place: Place, data: str, language: Language) -> Page: ...

    async def rated(self, person: Person, place: Place, answer_id: str, *, good: bool | None) -> None:
        """A thumb, or None for one that was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCall:
    """A command as somebody gave it."""

    words: str
    person: Person
    place: Place
    language: Language
    admin: bool
    answer_id: str = ""
    """The answer that it replies to."""
    inbound: str = ""
    quote: Quote | None = None
    """Somebody else's words that it is about."""
    moderator: bool = False
    """The platform says that they run the place, whether or not they are an admin of the bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineResult:
    """A passage that somebody may show in any chat."""

    title: str
    summary: str
    page: Page
