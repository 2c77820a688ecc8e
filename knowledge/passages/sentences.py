"""A piece of a note goes in; the places of its sentences come out: ends of Chinese and Latin sentences, lines, table rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import east_asian_width

from knowledge.types import Span

CLOSERS = "”’\"'』」】）)\\]》"
ENDS = re.compile(rf"[。！？]+[{CLOSERS}]*|[；]|[!?]+[{CLOSERS}]*(?=\s|$|[^\x00-\x7f])|\.+[{CLOSERS}]*(?=\s|$)")
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
OWN_LINE = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:[-*+•][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\||`{3}|~{3}|【|\*\*|$)")
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
    """Lines, wrapped ones joined."""
    lines = list(_lines(text))
    at = 0
    while at < len(lines):
        last = _last_of_wrapped(text, lines, at)
        yield lines[at][0], lines[last][1]
        at = last + 1


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for match in re.finditer(r"\r\n?|\n", text):
        yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _last_of_wrapped(text: str, lines: list[Span], first: int) -> int:
    """Index of the last line of the paragraph that starts at `first`, or `first` itself when it is not wrapped.

    Wrapped text shows by at least three lines of nearly one width, the last one shorter.
    """
    last = first
    while last + 1 < len(lines) and not OWN_LINE.match(text, *lines[last + 1]) and text[slice(*lines[last])].strip():
        last += 1
    widths = [_width(text[slice(*line)]) for line in lines[first : last + 1]]
    full = widths[:-1]
    if len(full) < 2 or min(full) < NARROW_WRAP or min(full) < 0.8 * max(full) or widths[-1] > 1.1 * max(full):
        return first
    return last


def _width(line: str) -> int:
    """Columns on a terminal; a Chinese character takes two."""
    line = line.strip()
    return len(line) if line.isascii() else sum(2 if east_asian_width(c) in "WF" else 1 for c in line)


def _sentences_of_line(text: str, start: int, end: int) -> Iterator[Span]:
    lead = LEAD.match(text, start, end)
    start = lead.end() if lead else start
    whole = [match.span() for match in KEPT_WHOLE.finditer(text, start, end)]
    first = start
    if not text.startswith("|", start):
        for match in ENDS.finditer(text, start, end):
            if _ends_here(text, first, match, whole):
                stop = _with_closing_emphasis(text, first, match.end())
                yield from _trimmed(text, first, stop)
                first = stop
    yield from _trimmed(text, first, end)


def _ends_here(text: str, first: int, match: re.Match[str], whole: list[Span]) -> bool:
    if any(start < match.end() < end for start, end in whole):
        return False
    if match[0] == "；":
        return match.start() - first >= LONG_CLAUSE
    if not match[0].startswith("."):
        return True
    word = re.split(r"[\s(（\[]", text[first : match.start()])[-1].lower()
    after = text[match.end() :].lstrip()[:1]
    return not (word in ABBREVIATIONS or (len(word) == 1 and word.isascii()) or word.isdigit() or after.islower())


def _with_closing_emphasis(text: str, first: int, end: int) -> int:
    """The end moved behind the mark that closes bold or italic type opened in this sentence; an opening mark stays out."""
    mark = EMPHASIS.match(text, end)
    return mark.end() if mark and text.count(mark[0], first, end) % 2 else end


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    if piece and not NOT_A_SENTENCE.match(piece):
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
