"""Tables that can be read on a phone: aligned columns where narrow, else one card for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.markup.styled_text import Fence, Rank, StyledLine, TextSpan, TextStyle, merged

WIDTH = 32
"""Columns of monospaced text that a phone shows without wrapping; Chinese characters take two."""
GAP = "  "
MEASURED = 8 * WIDTH
"""Code points; a longer cell fits no phone, and the time of `wcswidth` grows with the square of a run of flags."""

Cell = tuple[TextSpan, ...]
Row = Sequence[Cell]


def draw(rows: Sequence[Row], *, alignments: Sequence[str]) -> list[StyledLine]:
    """The first row is the header."""
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    texts = [["".join(run.text for run in cell) for cell in row] for row in rows]
    widths = [max(_width(cell) for cell in column) for column in zip(*texts, strict=True)]
    linked = any(run.url for row in rows for cell in row for run in cell)
    if linked or sum(widths) + len(GAP) * (len(widths) - 1) > WIDTH:
        return _cards(rows)
    return _grid(texts, widths, alignments)


def _width(text: str) -> int:
    from wcwidth import wcswidth

    return max(wcswidth(text), 0) if len(text) < MEASURED and text.isprintable() else len(text)


def _grid(texts: Sequence[Sequence[str]], widths: Sequence[int], alignments: Sequence[str]) -> list[StyledLine]:
    drawn = [GAP.join(map(_padded, row, widths, alignments)).rstrip() for row in texts]
    header = (drawn[0], GAP.join("─" * max(width, 1) for width in widths))
    fence = Fence(header=header)
    return [StyledLine(runs=(TextSpan(text),) if text else (), fence=fence) for text in (*header, *drawn[1:])]


def _padded(text: str, width: int, alignment: str) -> str:
    room = max(0, width - _width(text))
    left = {"right": room, "center": room // 2}.get(alignment, 0)
    return " " * left + text + " " * (room - left)


def _cards(rows: Sequence[Row]) -> list[StyledLine]:
    """The headers once, in a row, so that none is lost; then each row with its first cell in bold."""
    header, *body = rows
    titles: list[TextSpan] = []
    for cell in header:
        if cell:
            titles += [TextSpan(" · "), *_marked(cell, TextStyle.ITALIC)] if titles else _marked(cell, TextStyle.ITALIC)
    lines = [StyledLine(runs=merged(titles))] if titles else []
    for row in body:
        lines += _card(header, row)
    return lines


def _card(header: Row, row: Row) -> list[StyledLine]:
    filled = [(title, cell) for title, cell in zip(header, row, strict=True) if cell]
    lines: list[StyledLine] = []
    for place, (title, cell) in enumerate(filled):
        if place == 0 and cell is row[0]:
            lines.append(StyledLine(runs=_marked(cell, TextStyle.BOLD)))
        else:
            lines.append(StyledLine(runs=merged([*title, TextSpan(": "), *cell]) if title else cell))
    return [replace(line, gap=True, rank=Rank.ITEM) if place == 0 else line for place, line in enumerate(lines)]


def _marked(cell: Cell, mark: int) -> tuple[TextSpan, ...]:
    return tuple(TextSpan(run.text, run.marks | mark, run.url) for run in cell)
