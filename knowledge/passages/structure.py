"""The pieces of a passage as a person would copy them: paragraphs, lists, tables, code, formulas, each an exact slice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

FENCE = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(`{3,}|~{3,})")
FORMULA = re.compile(r"[ \t]*\$\$")
HEADING = re.compile(r"[ \t]*(?:>[ \t]?)*#{1,6}(?:[ \t]|$)")
UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
ITEM = re.compile(r"([ \t]*)(?:>[ \t]?)*(?:[-*+•]|\d{1,9}[.)、])[ \t]+\S")
ROW = re.compile(r"[ \t]*\|")
BREAK = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
TABBED = 4


class Shape(StrEnum):
    HEADING = "heading"
    TEXT = "text"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagePart:
    """A block of a passage; `lines` are the places of its lines that are not blank."""

    shape: Shape
    lines: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        return self.lines[0][0]

    @property
    def end(self) -> int:
        return self.lines[-1][1]


def pieces_of(text: str) -> tuple[PassagePart, ...]:
    """The pieces of `text` in order; they never overlap."""
    pieces: list[PassagePart] = []
    shape, lines, gap = Shape.TEXT, list[tuple[int, int]](), False
    closing = ""

    def close() -> None:
        nonlocal lines
        if lines:
            pieces.append(PassagePart(shape=shape, lines=tuple(lines)))
        lines = []

    for start, end in _lines(text):
        line = text[start:end]
        if closing:
            lines.append((start, end))
            if line.strip().endswith(closing):
                closing = ""
                close()
            continue
        if not line.strip() or (BREAK.match(line) and (gap or not lines or shape is not Shape.TEXT)):
            gap = True
            continue
        if lines and not gap and shape is Shape.TEXT and UNDERLINE.fullmatch(line):
            lines.append((start, end))
            shape = Shape.HEADING
            close()
            continue
        here = _shape_of(line)
        if not _goes_on(shape, here, line, gap=gap) or not lines:
            close()
            shape = here
        lines.append((start, end))
        closing = _closing(here, line)
        if shape is Shape.HEADING or (here in (Shape.CODE, Shape.FORMULA) and not closing):
            close()
        gap = False
    close()
    return tuple(pieces)


def item_at(text: str, piece: PassagePart, at: int) -> tuple[int, int]:
    """The bullet of a list in which `at` lies, with the bullets under it."""
    lines = piece.lines
    first = max((n for n, (start, _) in enumerate(lines) if start <= at and ITEM.match(text, start)), default=0)
    depth = _depth(text, lines[first][0])
    last = first
    while last + 1 < len(lines) and _depth(text, lines[last + 1][0]) > depth:
        last += 1
    return lines[first][0], lines[last][1]


def _depth(text: str, start: int) -> int:
    """Columns before a line's first character; a line that begins no bullet lies deeper than its bullet."""
    blanks = re.compile(r"[ \t]*").match(text, start)
    wide = len(blanks[0].expandtabs(TABBED)) if blanks else 0
    return wide if ITEM.match(text, start) else wide + 1


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer(r"\r\n?|\n", text):
        yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _shape_of(line: str) -> Shape:
    if FENCE.match(line):
        return Shape.CODE
    if FORMULA.match(line):
        return Shape.FORMULA
    if HEADING.match(line):
        return Shape.HEADING
    if ROW.match(line):
        return Shape.TABLE
    return Shape.LIST if ITEM.match(line) else Shape.TEXT


def _goes_on(shape: Shape, here: Shape, line: str, *, gap: bool) -> bool:
    """Whether a line belongs to the piece before it."""
    if shape is Shape.LIST:
        return here is Shape.LIST or (here is Shape.TEXT and (line[:1] in " \t" or not gap))
    if gap or shape is Shape.HEADING:
        return False
    if shape is Shape.TABLE:
        return here is Shape.TABLE
    return shape is Shape.TEXT and here is Shape.TEXT


def _closing(here: Shape, line: str) -> str:
    """What ends a fence or a formula that goes on over several lines."""
    if here is Shape.CODE:
        mark = FENCE.match(line)
        return mark[1] if mark else ""
    opened = here is Shape.FORMULA and line.count("$$") == 1
    return "$$" if opened else ""
