"""Blocks of lines between empty ones, as Obsidian's Spaced Repetition plug-in reads them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

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


def runs_of(page: NoteDocument) -> Iterator[tuple[SourceLine, ...]]:
    """Lines up to the next empty one, which ends a card; an empty line within a code block ends nothing."""
    run: list[SourceLine] = []
    for line in lines_of(page):
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
