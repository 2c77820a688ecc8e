"""A page goes in; its tables come out, each cell with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.quiz.cards.document import NoteDocument
from bot.quiz.cards.rendered_text import RenderedText
from knowledge.passages.markdown import Block
from knowledge.passages.markdown import BlockKind as BlockKind

CELL_EDGE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells by row; the first row is the head. Every cell knows its place in the file."""

    head: tuple[RenderedText, ...]
    rows: tuple[tuple[RenderedText, ...], ...]
    blocks: tuple[Block, ...]
    """One for each row, the head's first."""


def tables_of(page: NoteDocument) -> Iterator[Table]:
    """The page's tables in order."""
    found: list[list[Block]] = []
    for block in page.blocks:
        if block.kind is not BlockKind.ROW:
            continue
        if block.leads or not found:
            found.append([])
        found[-1].append(block)
    for blocks in found:
        head, *rows = (tuple(_cells(page, block)) for block in blocks)
        yield Table(head=head, rows=tuple(rows), blocks=tuple(blocks))


def _cells(page: NoteDocument, block: Block) -> Iterator[RenderedText]:
    text = page.note.text[block.start : block.end]
    edges = [match.start() for match in CELL_EDGE.finditer(text)]
    starts = [-1, *edges] if not text.startswith("|") else edges
    ends = [*starts[1:], len(text)] if not text.endswith("|") else starts[1:]
    for start, end in zip(starts, ends, strict=False):
        piece = text[start + 1 : end]
        blank = len(piece) - len(piece.lstrip())
        inner = block.start + start + 1 + blank
        yield page.read(inner, inner + len(piece.strip()))
