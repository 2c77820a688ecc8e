"""The rows of memory as values; times are seconds since 1970 (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from bot.types import Person, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOrigin:
    """Who said something, and in which chat: all that the scope law looks at."""

    person: str
    chat: str
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Somebody at a place: who asks, and where."""

    person: str
    place: str
    chat: str
    private: bool

    @classmethod
    def of(cls, person: Person, place: Place) -> Audience:
        return cls(person=person.key, place=place.key, chat=place.circle, private=place.private)

    @property
    def said(self) -> TurnOrigin:
        """The scope of what is said here now."""
        return TurnOrigin(person=self.person, chat=self.chat, private=self.private)

    @property
    def owner(self) -> str:
        """Whose a summary made here is: the person's in private, nobody's in a group."""
        return self.person if self.private else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnWithText:
    """A question and its answer with all that memory needs of it."""

    id: int
    answer_id: str
    place: str
    chat: str
    private: bool
    person: str
    name: str
    asked: str
    answered: str
    state: str
    at: float
    topics: tuple[str, ...] = ()
    """The headings that the answer rests on."""
    disliked: bool = False
    """Who asked has put a thumb down."""
    leaned: bool = False
    """It was searched for with what was said before."""

    @property
    def said(self) -> TurnOrigin:
        return TurnOrigin(person=self.person, chat=self.chat, private=self.private)

    @property
    def spot(self) -> Audience:
        return Audience(person=self.person, place=self.place, chat=self.chat, private=self.private)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedWords:
    """A person's words in somebody else's question; `said` is of whoever asked."""

    turn: int
    text: str
    said: TurnOrigin


class WordsOfTurn(NamedTuple):
    """What archive search reads of a turn; the words are packed keys. A tuple, because thousands are made for one question."""

    turn: int
    said: TurnOrigin
    name: str
    at: float
    asked: bytes
    answered: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """Something to be remembered of a person."""

    said: TurnOrigin
    kind: str
    text: str
    at: float
    about: str = ""
    """What it is about when a newer one of the same takes its place: `name`, `home`."""
    turns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something remembered of a person."""

    id: int
    said: TurnOrigin
    kind: str
    about: str
    text: str
    at: float
    times: int = 1
    """How often it came up."""
    turns: tuple[int, ...] = ()
    replaced_at: float | None = None
    """When something newer took its place; None for what holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was said in some turns of a place, in short."""

    id: int
    level: int
    text: str
    first_at: float
    last_at: float


def seconds_of(moment: datetime) -> float:
    """SQLite gives times back without their zone; they were UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def said_of(row: Any) -> TurnOrigin:
    return TurnOrigin(person=row["person"], chat=row["chat"], private=row["private"])
