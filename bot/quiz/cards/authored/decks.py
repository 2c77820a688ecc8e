"""Decks by tag: `#flashcards` and `#flashcards/topic`, for each place in a note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.quiz.cards.authored.blocks import SourceLine
from bot.quiz.cards.document import NoteDocument

TAG = re.compile(r"(?<![^\s(（])#(flashcards?(?:/[\w\-/]+)?)(?![\w/-])", re.IGNORECASE)
FIRST = re.compile(r"^[ \t]*(?:[-*+]\s+|\d+[.)]\s+)?((?:#flashcards?(?:/[\w\-/]+)?\s+)+)(?=\S)", re.IGNORECASE)
ROOT = re.compile(r"^#?flashcards?(?:/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decks:
    """The tags of one note, in order."""

    header: tuple[str, ...]
    places: tuple[tuple[int, tuple[str, ...]], ...]
    """Where a line with tags stands, and the decks that it names; they hold until the next such line."""
    tags: tuple[str, ...]
    """The note's other tags."""

    @property
    def tagged(self) -> bool:
        """The note says that it holds cards."""
        return bool(self.header or self.places)

    def of(self, start: int, own: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Decks, then tags, of a card at `start`; `own` are the decks named at its first line.

        The last line with tags before it counts, else the header, else the first tags of the note.
        """
        before = [decks for place, decks in self.places if place <= start]
        decks = own or (before[-1] if before else self.header) or (self.places[0][1] if self.places else ())
        named = (ROOT.sub("", deck) for deck in decks)
        return tuple(dict.fromkeys([*(name for name in named if name), *self.tags]))


def decks_of(page: NoteDocument, lines: Sequence[SourceLine]) -> Decks:
    """The decks of a note; a tag in front of a card's own text is that card's alone."""
    front = page.note.front.tags
    places = []
    for line in lines:
        found = tuple(match[1] for match in TAG.finditer(line.text)) if "#" in line.text and not line.code else ()
        if found and not is_own(line.text):
            places.append((line.start, found))
    return Decks(
        header=tuple(tag for tag in front if ROOT.match(tag)),
        places=tuple(places),
        tags=tuple(tag.lstrip("#") for tag in front if not ROOT.match(tag)),
    )


def is_own(text: str) -> bool:
    """The line begins with tags and goes on with a card."""
    return bool(FIRST.match(text)) and bool(TAG.sub("", text).strip(" \t-*+#"))


def own_of(text: str) -> tuple[tuple[str, ...], int]:
    """The decks named at the beginning of a card's first line, and where its words begin."""
    match = FIRST.match(text)
    return (tuple(found[1] for found in TAG.finditer(match[1])), match.end()) if match else ((), 0)
