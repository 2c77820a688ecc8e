"""Which parts of a Markdown text are code, where signs mean nothing but themselves (CommonMark 0.31, 4.5 and 6.1)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from knowledge.passages import code_spans
from knowledge.types import Span

FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[^\n]*$", re.MULTILINE)
TICKS = re.compile(r"`+|\n[ \t]*+\n")
"""Backticks, and the ends of paragraphs, which no code span reaches over."""


def places(text: str) -> tuple[Span, ...]:
    """Where the fenced blocks (to the end of the text if nothing closes them) and the code spans are, in order."""
    return tuple(_places(text))


def parts(text: str) -> list[str]:
    """The parts of `text` in order: words first (perhaps none), then code, then words, and so on."""
    found, at = [], 0
    for start, end in places(text):
        found += [text[at:start], text[start:end]]
        at = end
    return [*found, text[at:]]


def code_at(code: Sequence[Span], place: int) -> Span | None:
    """The one of the places of code that holds `place`."""
    at = bisect_right(code, place, key=lambda span: span[0]) - 1
    return code[at] if at >= 0 and place < code[at][1] else None


def _places(text: str) -> Iterator[Span]:
    at = 0
    while opener := FENCE.search(text, at):
        yield from _spans(text, at, opener.start())
        closer = re.compile(rf"^[ \t>]*{opener[1]}[`~]*[ \t]*$", re.MULTILINE).search(text, opener.end())
        at = closer.end() if closer else len(text)
        yield opener.start(), at
    yield from _spans(text, at, len(text))


def _spans(text: str, start: int, end: int) -> Iterator[Span]:
    for first, last in code_spans(text[start:end], TICKS):
        yield start + first, start + last
