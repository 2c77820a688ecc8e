"""The values that travel between platforms and the assistant; this file knows neither."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who speaks. Only `platform` and `id` tell people apart; names are for show and may be anybody's."""

    platform: str
    id: str
    name: str = ""
    language: Language = "zh"
    roles: tuple[str, ...] = ()
    """Ids of the roles that the platform gives them where they speak."""

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is said: a chat, or a thread of one."""

    platform: str
    chat: str
    thread: str = ""
    private: bool = True
    guild: str = ""
    """The id of the server that the chat is part of, on platforms that have servers."""

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.chat}/{self.thread}" if self.thread else f"{self.platform}:{self.chat}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks."""

    person: Person
    place: Place
    text: str
    reply_to: str = ""
    """The id of the answer it replies to, if it does."""
    alone: bool = False
    """True when nothing that was said before counts."""
    inbound: str = ""
    """The key of the event in the ledger: what makes sure that it is answered once."""


class AnswerState(StrEnum):
    THINKING = "thinking"
    PARTIAL = "partial"
    MODEL = "model"
    """Final, written by the model."""
    EXCERPTS = "excerpts"
    """Final, quoted from the notes."""
    ABSTAINED = "abstained"
    """Final: the notes do not say."""
    FAILED = "failed"
    """Final: something broke; the text says what."""
    REFUSED = "refused"
    """Final: not looked into, and the text says why: who may ask, how often, how many wait."""
    STOPPED = "stopped"
    """Final: ended early; the text is what there was by then, and says so."""


FINAL = frozenset(set(AnswerState) - {AnswerState.THINKING, AnswerState.PARTIAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A place in a note that an answer rests on; `n` is its number in that answer and in no other."""

    n: int
    path: str
    title: str
    heading: tuple[str, ...]
    lines: tuple[int, int]
    start: int
    end: int
    """Code points into the file as it was then."""
    text: str
    """The words at that place, verbatim."""
    passage: str
    """The id of the passage it lies in."""
    note_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How an answer came about."""

    searched: str = ""
    found: int = 0
    """Passages that the search returned."""
    used: tuple[str, ...] = ()
    """Ids of the passages that the model was given, or that are quoted."""
    model: str = ""
    why_no_model: str = ""
    search_ms: float = 0.0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole snapshot of an answer: a platform draws the newest and forgets the ones before it."""

    state: AnswerState
    text: str = ""
    citations: tuple[Citation, ...] = ()
    receipt: Receipt = Receipt()
    id: str = ""
    """What `/source` and replies name it by; set on the last snapshot."""

    @property
    def final(self) -> bool:
        return self.state in FINAL


Ask = Callable[[Question], AsyncIterator[Answer]]
"""The one way to get an answer; each item is a whole snapshot, the last one final. Guards are functions `Ask -> Ask`."""


def language_of(text: str, default: Language = "zh") -> Language:
    """Chinese when a fifth of the letters are Chinese (a Chinese question names English terms), English when none are."""
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return default
    chinese = sum(character >= "\u3400" for character in letters)
    return "zh" if chinese * 5 >= len(letters) else "en"
