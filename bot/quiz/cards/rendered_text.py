"""Markdown as a person reads it, each character with its place in the file; and the normal form in which answers compare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from knowledge.passages.plain_text import ADDRESS, IMAGE, LINK, TAG, WIKI_LINK
from knowledge.text import fillers, fold, terms
from knowledge.types import Span

SIGNS = re.compile(r"[^\w+#%°℃$€¥√²³]|_")


@lru_cache(maxsize=20_000)
def bare(text: str) -> str:
    """Folded, in lower case, letters and digits and the signs that tell things apart (C++, 5 %)."""
    return SIGNS.sub("", fold(text).casefold())


def gives_away(question: str, answer: str) -> bool:
    """The question holds its answer."""
    inner = bare(answer)
    return not inner or inner in bare(question)


@lru_cache(maxsize=20_000)
def telling(question: str) -> frozenset[str]:
    """The terms of a question without those that every question has; of Chinese the pairs of characters only."""
    return frozenset(_pairs(term for term in terms(question) if term not in fillers()))


def _pairs(found: Iterable[str]) -> Iterator[str]:
    return (term for term in found if term < "\u3400" or (len(term) > 1 and not fillers().intersection(term)))


INLINE = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in (
            ("code", r"(?<!`)(?P<ticks>`+)(?!`)[^\n]+?(?<!`)(?P=ticks)(?!`)"),
            ("image", IMAGE.pattern),
            ("wiki", WIKI_LINK.pattern),
            ("link", LINK.pattern),
            ("note", r"\[\^[^\]\n]+\]"),
            ("unread", r"<!--.*?-->|%%.*?%%"),
            ("tag", TAG.pattern),
            ("address", ADDRESS.pattern),
            ("escape", r"\\(?=[!-/:-@\[-`{-~])"),
            ("mark", r"\*{1,3}|==|~~|(?<![^\W_])__?(?=[^\W_])|(?<=[^\W_])__?(?![^\W_])"),
            ("formula", r"\$\$?[^$\n]+\$\$?"),
            ("lines", r"[ \t]*(?:\r\n?|\n)[ \t]*(?:>[ \t]?)*[ \t]*"),
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
CODE = "`"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSpan:
    """A part of a `RenderedText` that its author set off: `**`, `*`, `==`, a backtick for code, `[` for a link's words."""

    sign: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedText:
    """What a person reads, on one line; `places[i]` is where `text[i]` stands in the file."""

    text: str
    places: tuple[int, ...]
    marks: tuple[MarkedSpan, ...] = ()
    odd: bool = False
    """It holds what plain words cannot show: a picture, a formula, an address, a footnote."""

    def span(self, start: int, end: int) -> Span:
        """Where `text[start:end]`, not empty, stands in the file."""
        return self.places[start], self.places[end - 1] + 1

    def within(self, start: int, end: int) -> RenderedText:
        """The part from `start` to `end`."""
        marks = tuple(
            MarkedSpan(sign=mark.sign, start=mark.start - start, end=mark.end - start)
            for mark in self.marks
            if start <= mark.start and mark.end <= end
        )
        return RenderedText(text=self.text[start:end], places=self.places[start:end], marks=marks, odd=self.odd)


def read(text: str, start: int, end: int) -> RenderedText:
    """What a person reads of `text[start:end]`."""
    reader = _Reader(text)
    reader.take(start, end)
    return reader.done()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._kept: list[str] = []
        self._places: list[int] = []
        self._marks: list[MarkedSpan] = []
        self._open: dict[str, int] = {}
        self._odd = False

    def done(self) -> RenderedText:
        marks = tuple(sorted(self._marks, key=lambda mark: (mark.start, -mark.end)))
        return RenderedText(text="".join(self._kept), places=tuple(self._places), marks=marks, odd=self._odd)

    def take(self, start: int, end: int) -> None:
        at = start
        for match in INLINE.finditer(self._text, start, end):
            if match.start() < at:
                continue
            self._keep(at, match.start())
            at = self._take_inline(match)
        self._keep(at, end)

    def _keep(self, start: int, end: int) -> None:
        if start < end:
            self._kept.append(self._text[start:end])
            self._places.extend(range(start, end))

    def _take_inline(self, match: re.Match[str]) -> int:
        """Take one piece of markup; return where to go on."""
        match match.lastgroup:
            case "code" | "ticks":
                ticks = len(match["ticks"])
                self._set_off(CODE, match.start() + ticks, match.end() - ticks)
            case "link":
                self._take_link(match)
            case "wiki":
                words = match[0].index("|") + 1 if "|" in match[0] else 2
                self._set_off("[", match.start() + words, match.end() - 2)
            case "mark":
                self._toggle(match[0])
            case "lines":
                self._break_line(match.start())
            case "escape":
                self._keep(match.end(), match.end() + 1)
                return match.end() + 1
            case "formula":
                self._odd = True
                self._keep(match.start(), match.end())
            case "image" | "address" | "note":
                self._odd = True
        return match.end()

    def _take_link(self, match: re.Match[str]) -> None:
        words = LINK.match(self._text, match.start(), match.end())
        if words:
            before = len(self._places)
            self.take(*words.span(1))
            self._mark("[", before)

    def _set_off(self, sign: str, start: int, end: int) -> None:
        before = len(self._places)
        self._keep(start, end)
        self._mark(sign, before)

    def _mark(self, sign: str, before: int) -> None:
        if before < len(self._places):
            self._marks.append(MarkedSpan(sign=sign, start=before, end=len(self._places)))

    def _toggle(self, sign: str) -> None:
        before = self._open.pop(sign, None)
        if before is None:
            self._open[sign] = len(self._places)
        else:
            self._mark(sign, before)

    def _break_line(self, at: int) -> None:
        """A line end within Chinese text is nothing, between Latin words a blank."""
        last = self._kept[-1][-1] if self._kept else " "
        if last < "\u2e80":
            self._kept.append(" ")
            self._places.append(at)
