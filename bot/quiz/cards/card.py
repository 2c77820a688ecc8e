"""The values of the cards: what a card is, where it stands in the notes, and what came of making them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from bot.quiz.cards.rendered_text import bare
from bot.types import Language

GAP = "____"
"""Stands for the answer in a cloze card's question."""
SHORTEST = 2
LONGEST = 120
"""Characters that a person reads in the answer of a card that was not written by a person."""


class CardSource(StrEnum):
    """Who made it; of two cards that ask the same, the earlier in this order stays."""

    WRITTEN = "written"
    FOUND = "found"
    MODEL = "model"


class CardKind(StrEnum):
    PAIR = "pair"
    """Question and answer as a person wrote them."""
    CLOZE = "cloze"
    """A gap that a person marked."""
    DEFINITION = "definition"
    WHICH = "which"
    """The other way round: which term is explained like this?"""
    NAME = "name"
    """A term and its name in the other language, its abbreviation or what that stands for."""
    LIST = "list"
    CELL = "cell"
    NUMBER = "number"
    """A gap in the place of a quantity or a date."""
    TERM = "term"
    """A gap in the place of a term that the note sets off."""
    ASKED = "asked"
    """Question by the model, answer from the note."""


GAPPED = frozenset({CardKind.CLOZE, CardKind.NUMBER, CardKind.TERM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One fact: always `file[start:end] == answer`."""

    id: str
    """The same whenever the same is asked, wherever it stands: see `id_of`."""
    source: CardSource
    kind: CardKind
    prompt: str
    """What the person is asked, the topic in front where the question does not name it."""
    question: str
    """The prompt without the topic; with a gap in it for a cloze card."""
    topic: str
    answer: str
    """Verbatim, markup included."""
    path: str
    title: str
    lines: tuple[int, int]
    heading: tuple[str, ...]
    passage: str
    passage_digest: str
    start: int
    end: int
    """Code points into the file."""
    language: Language
    tags: tuple[str, ...] = ()
    """Decks (`#flashcards/rag` gives `rag`) and the note's own tags."""
    hint: str = ""
    also: tuple[str, ...] = ()
    """Other right answers: what other places of the notes answer to the same prompt."""
    thing: str = ""
    """What kind of thing the answer is: cards of one thing lend one another wrong choices."""
    siblings: tuple[str, ...] = ()
    """Other things of that kind from the same place, as a person reads them; right answers to other questions."""

    @property
    def gapped(self) -> bool:
        return self.kind in GAPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCards:
    """What came of one note; made again only when `digest` or the rules (`version`) change."""

    path: str
    digest: str
    version: int
    cards: tuple[Card, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Drafts that are not among them, by reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSet:
    """The cards of some notes, no two with the same prompt, and why others are not among them."""

    cards: tuple[Card, ...]
    made: Mapping[CardSource, int] = field(default_factory=dict)
    """Cards that came out, by source."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Cards that did not, by reason."""


def id_of(kind: CardKind, question: str, answer: str) -> str:
    """Twenty hexadecimal digits of what is asked.

    It holds no path, heading or passage: a card that moves keeps its history. The answer counts unless a person wrote the card:
    mending an answer's spelling does not make another card of it.
    """
    parts = [bare(question), "gap" if kind in GAPPED else "", "" if kind is CardKind.PAIR else bare(answer)]
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
