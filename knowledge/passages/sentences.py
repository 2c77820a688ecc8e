"""Sentence boundaries in Chinese and Latin text, lines and table rows, as offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import east_asian_width

from knowledge.types import Span

CLOSERS = "”’\"'』」】）)\\]》"
ENDS = re.compile(
    rf"[。！？]++[{CLOSERS}]*+|[；]|(?<![!?])[!?]++[{CLOSERS}]*+(?=\s|$|[^\x00-\x7f])|(?<!\.)\.++[{CLOSERS}]*+(?=\s|$)"
)
LONG_CLAUSE = 60
"""Characters; a semicolon ends a sentence only where the clause before it is at least this long."""

# A full stop after one of these, after a single letter or after a number at the start of a line ends nothing.
ABBREVIATIONS = frozenset("al approx cf ch dr e.g eg eq etc fig i.e ie mr mrs ms no p pp prof ref sec st vol vs".split())

KEPT_WHOLE = re.compile(
    r"`[^`\n]+`|\$\$?[^$\n]+\$\$?|!?\[[^\[\]\n]*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+[\"'][^\"'\n]*[\"'])?\)"
    r"|https?://[^\s<>，。；]+|《[^《》\n]{1,80}》"
)
LEAD = re.compile(
    r"[ \t\u00a0\u3000\ufeff]*(?:>[ \t]?)*[ \t]*(?:(?:[-*+•]|\d{1,9}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?(?:#{1,6}[ \t]+)?"
)
NOT_A_SENTENCE = re.compile(r"^\W*$|^\s*(?:`{3,}|~{3,})")
EMPHASIS = re.compile(r"\*+|_+|~~|==|`+")
OWN_LINE = re.compile(r"[ \t]*+(?:>[ \t]?)*+[ \t]*+(?:[-*+•][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\||`{3}|~{3}|【|\*\*|$)")
LONGEST_ABBREVIATION = 12
NEXT = re.compile(r"\s*(\S)")
NARROW_WRAP = 30
"""Columns; text wrapped by a program is at least this wide."""


def sentences(text: str) -> tuple[Span, ...]:
    """Places of the sentences in `text`, in order, without list markers and outer blanks; they never overlap.

    A line end closes a sentence, except in text that was wrapped at a fixed width by an editor or a scanner.
    """
    spans: list[Span] = []
    for start, end in _logical_lines(text):
        spans.extend(_sentences_of_line(text, start, end))
    return tuple(spans)


def _logical_lines(text: str) -> Iterator[Span]:
    """Lines, those of a wrapped paragraph joined."""
    for paragraph in _paragraphs(text):
        if _is_wrapped(text, paragraph):
            yield paragraph[0][0], paragraph[-1][1]
        else:
            yield from paragraph


def _paragraphs(text: str) -> Iterator[list[Span]]:
    """Runs of lines of which none but the first begins something of its own."""
    lines: list[Span] = []
    for line in _lines(text):
        if lines and OWN_LINE.match(text, *line):
            yield lines
            lines = []
        lines.append(line)
    if lines:
        yield lines


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for match in re.finditer(r"\r\n?|\n", text):
        yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _is_wrapped(text: str, lines: list[Span]) -> bool:
    """Wrapped text shows by at least three lines of nearly one width, the last one no wider."""
    if len(lines) < 3:
        return False
    *full, last = (_width(text[slice(*line)]) for line in lines)
    return min(full) >= NARROW_WRAP and min(full) >= 0.8 * max(full) and last <= 1.1 * max(full)


def _width(line: str) -> int:
    """Columns on a terminal; a Chinese character takes two."""
    line = line.strip()
    return len(line) if line.isascii() else sum(2 if east_asian_width(c) in "WF" else 1 for c in line)


def _sentences_of_line(text: str, start: int, end: int) -> Iterator[Span]:
    lead = LEAD.match(text, start, end)
    first = lead.end() if lead else start
    if not text.startswith("|", first):
        for stop in _stops(text, first, end):
            yield from _trimmed(text, first, stop)
            first = stop
    yield from _trimmed(text, first, end)


def _stops(text: str, first: int, end: int) -> Iterator[int]:
    """Where the sentences of a line end, but for the last one."""
    whole = iter([match.span() for match in KEPT_WHOLE.finditer(text, first, end)])
    inside = next(whole, None)
    for match in ENDS.finditer(text, first, end):
        while inside and inside[1] <= match.end():
            inside = next(whole, None)
        if not (inside and inside[0] < match.end()) and _ends_here(text, first, match, end):
            first = _with_closing_emphasis(text, first, match.end())
            yield first


def _ends_here(text: str, first: int, match: re.Match[str], end: int) -> bool:
    if match[0] == "；":
        return match.start() - first >= LONG_CLAUSE
    if not match[0].startswith("."):
        return True
    word = re.split(r"[\s(（\[]", text[max(first, match.start() - LONGEST_ABBREVIATION) : match.start()])[-1].lower()
    after = NEXT.match(text, match.end(), end)
    goes_on = bool(after and after[1].islower())
    return not (word in ABBREVIATIONS or (len(word) == 1 and word.isascii()) or word.isdigit() or goes_on)


def _with_closing_emphasis(text: str, first: int, end: int) -> int:
    """The end moved behind the mark that closes bold or italic type opened in this sentence; an opening mark stays out."""
    mark = EMPHASIS.match(text, end)
    return mark.end() if mark and text.count(mark[0], first, end) % 2 else end


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    if piece and not NOT_A_SENTENCE.match(piece):
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
