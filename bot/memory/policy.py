"""Scope law of memory: what may be recalled where, which answers may be shown to whom, and without whose names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol, TypeVar
from unicodedata import category

import prompts
from bot.memory.validation import SENTENCE
from bot.storage import Database
from bot.storage.memories import Audience, NotedTurns, TurnOrigin
from bot.types import Person, Place, language_of
from knowledge.foreign_text import normalized
from knowledge.text import HAN, fold


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


RUN = re.compile(rf"[{HAN}]{{4,}}")
NAME = re.compile(r"(?<=[\w,] )[A-Z][^\W\d_]{2,}|\b(?=\w*\d)[\w-]{4,}|\b\w*[a-z][A-Z]\w*")
"""What is hardly said twice by chance: a capital inside a sentence, a word with a digit or a capital in it."""
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", re.ASCII)
CHARACTERS, WORDS = 4, 4
"""So many Chinese characters, or Latin words, in a row are a repetition."""


def traces(text: str) -> frozenset[str]:
    """What a text can be known again by."""
    plain = fold(text)
    found = {run[at : at + CHARACTERS] for run in RUN.findall(plain) for at in range(len(run) - CHARACTERS + 1)}
    found |= {name.lower() for name in NAME.findall(plain)}
    words = [word.lower() for word in WORD.findall(plain)]
    return frozenset(found | {" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1)})


class Redactor:
    """Takes the echoes of what was forgotten out of texts."""

    def __init__(self, forgotten: Iterable[str], *, names: Iterable[str] = ()) -> None:
        """`names` are of whoever is forgotten whole: answers that call them by one of these lose that sentence."""
        self._traces = frozenset().union(*map(traces, forgotten))
        called = sorted({fold(name).lower() for name in names if len(name.strip()) > 1}, key=len, reverse=True)
        self._names = re.compile("|".join(_called(name) for name in called)) if called else None

    def redact(self, text: str, allowed: str) -> str:
        """`text` without the sentences that hold a trace of the forgotten that is not in `allowed`."""
        secret = self._traces - traces(allowed)
        names = None if self._names and self._names.search(fold(allowed).lower()) else self._names
        if not _holds(text, secret, names):
            return text
        kept = "".join(sentence for sentence in SENTENCE.findall(text) if not _holds(sentence, secret, names))
        return kept.strip() or prompts.load("memory").say("was_forgotten", language_of(text))


def _holds(sentence: str, secret: frozenset[str], names: re.Pattern[str] | None) -> bool:
    plain = fold(sentence).lower()
    if names and names.search(plain):
        return True
    return bool(traces(sentence) & secret) or any(_single(trace) and trace in plain for trace in secret)


def _called(name: str) -> str:
    """A Latin name as a word of its own, since another may begin with it; Chinese has no spaces between words."""
    return re.escape(name) if re.search(rf"[{HAN}]", name) else rf"(?<!\w){re.escape(name)}(?!\w)"


def _single(trace: str) -> bool:
    return " " not in trace
