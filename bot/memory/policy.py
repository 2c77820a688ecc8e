"""Scope law of memory: what may be recalled where, which answers may be shown to whom, and under which names people appear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol, TypeVar
from unicodedata import category

from bot.storage import Database
from bot.storage.memories import Audience, NotedTurns, TurnOrigin
from bot.types import Person, Place
from knowledge.foreign_text import normalized


class Scoped(Protocol):
    """Something that was said."""

    @property
    def said(self) -> TurnOrigin: ...


S = TypeVar("S", bound=Scoped)


def may_enter(said: TurnOrigin, here: Audience) -> bool:
    """Whether what was `said` may be told `here`."""
    own = said.person == here.person
    if said.private:
        return own and here.private and said.chat == here.chat
    return own if here.private else said.chat == here.chat


def allowed(things: Iterable[S], here: Audience) -> tuple[S, ...]:
    """Those of `things` that may be told here, in their order."""
    return tuple(thing for thing in things if may_enter(thing.said, here))


def whole(said: TurnOrigin, here: Audience) -> bool:
    """Whether a turn's answer may be told here too: it may rest on what others said, so it stays in the chat it was given in."""
    return may_enter(said, here) and said.chat == here.chat


NO_ANSWER = "-"
"""No answer has this id."""


class AnswerVisibility:
    """The answers that somebody may hear of."""

    def __init__(self, database: Database) -> None:
        self._turns = NotedTurns(database)

    async def told(self, answer_id: str, person: Person, place: Place) -> str:
        """`answer_id`, if that answer was given in this chat, and in private to this person; else `NO_ANSWER`."""
        turn = await self._turns.by_answer(answer_id) if answer_id else None
        return answer_id if turn and whole(turn.said, Audience.of(person, place)) else NO_ANSWER


LONGEST = 24
"""Characters of a name that are shown."""
UNSAFE = re.compile(r"[^\w .'\u2019\u00b7-]|_")
"""Whatever could end a quotation, open a tag, a role or a Markdown mark."""


@lru_cache(maxsize=10_000)
def clean_name(name: str) -> str:
    """`name` on one line, without control characters, marks and what cannot be seen; empty when nothing is left."""
    seen = "".join(" " if category(character) in {"Zl", "Zp", "Cc"} else character for character in normalized("NFKC", name))
    seen = "".join(character for character in seen if category(character)[0] != "C")
    return " ".join(UNSAFE.sub(" ", seen).split())[:LONGEST].strip()


@lru_cache(maxsize=10_000)
def short_id(person: str) -> str:
    """Five characters that stay the same for a person, and that only that person has (one chance in a million per pair)."""
    return blake2b(person.encode(), digest_size=8).hexdigest()[:5]


def label(name: str, person: str) -> str:
    """How a person is called in prompts: `Ann#3f2a1`."""
    return f"{clean_name(name) or '?'}#{short_id(person)}"
