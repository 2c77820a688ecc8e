"""Blocks of lines between empty ones, as Obsidian's Spaced Repetition plug-in reads them, and the decks that tags name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from bot.quiz.cards.document import NoteDocument
from knowledge.passages.markdown import BlockKind, line_starts


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A line without its end; `start` is its place in the file."""

    start: int
    text: str
    code: bool = False
    row: bool = False
    """It belongs to a table."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def runs_of(lines: Iterable[SourceLine]) -> Iterator[tuple[SourceLine, ...]]:
    """Lines up to the next empty one, which ends a card; an empty line within a code block ends nothing."""
    run: list[SourceLine] = []
    for line in lines:
        if line.text.strip() or line.code:
            run.append(line)
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def lines_of(page: NoteDocument) -> Iterator[SourceLine]:
    """The lines behind the front matter."""
    text = page.note.text
    starts = line_starts(text)
    special = [block for block in page.blocks if block.kind in (BlockKind.CODE, BlockKind.ROW)]
    begins = [block.start for block in special]
    for start, end in pairwise(starts):
        if start < page.note.front.end:
            continue
        line = text[start:end].rstrip("\r\n")
        indent = len(line) - len(line.lstrip())
        at = bisect_right(begins, start + indent) - 1
        block = special[at] if at >= 0 and start + indent < special[at].end else None
        yield SourceLine(
            start=start,
            text=line,
            code=block is not None and block.kind is BlockKind.CODE,
            row=block is not None and block.kind is BlockKind.ROW,
        )


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
        before = bisect_right(self.places, start, key=itemgetter(0))
        decks = own or (self.places[before - 1][1] if before else self.header) or (self.places[0][1] if self.places else ())
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
