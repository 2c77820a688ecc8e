"""The inline tokens of one block go in; lines of runs come out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.markup import html, latex
from bot.markup.styled_text import TextSpan, TextStyle, clean, merged, trimmed

if TYPE_CHECKING:
    from markdown_it.token import Token

MARKS = {"strong": TextStyle.BOLD, "em": TextStyle.ITALIC, "s": TextStyle.STRIKE}
CITATION = re.compile(r"\[(\d{1,4})\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Which addresses the platform takes as links, and where citation marks lead."""

    allowed: Callable[[str], bool]
    citations: Mapping[int, str]


@dataclass(slots=True)
class _Open:
    """A link whose words are being read."""

    url: str
    html: bool = False
    words: list[str] = field(default_factory=list)


def lines_of(tokens: Sequence[Token], links: Links) -> list[tuple[TextSpan, ...]]:
    """One tuple of runs for each line; whitespace at the ends of lines is gone."""
    reading = _Reading(links)
    for token in tokens:
        reading.take(token)
    return reading.lines()


def text_of(tokens: Sequence[Token]) -> str:
    """The bare words of inline tokens (the description of a picture)."""
    parts: list[str] = []
    stack = list(reversed(tokens))
    while stack:
        token = stack.pop()
        if token.children:
            stack.extend(reversed(token.children))
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "math_inline":
            parts.append(latex.to_unicode(token.content) or token.content)
        elif token.type != "html_inline" or not html.name_of(token.content):
            parts.append(token.content)
    return "".join(parts)


class _Reading:
    def __init__(self, links: Links) -> None:
        self._links = links
        self._marks: Counter[int] = Counter()
        self._looks: int = TextStyle.NONE
        self._open: list[_Open] = []
        self._runs: list[TextSpan] = []
        self._done: list[tuple[TextSpan, ...]] = []

    def lines(self) -> list[tuple[TextSpan, ...]]:
        while self._open:
            self._close_link()
        self._break()
        return self._done

    def take(self, token: Token) -> None:
        kind = token.type
        if kind == "text":
            self._text(token.content)
        elif kind in ("softbreak", "hardbreak"):
            self._break()
        elif kind == "code_inline":
            self._add(token.content, TextStyle.CODE)
        elif kind == "math_inline":
            self._formula(token.content)
        elif kind == "image":
            self._picture(text_of(token.children or ()), str(token.attrs.get("src", "")))
        elif kind == "html_inline":
            self._tag(token.content)
        elif kind == "link_open":
            self._open.append(_Open(str(token.attrs.get("href", ""))))
        elif kind == "link_close":
            self._close_link()
        elif token.tag in MARKS:
            self._mark(MARKS[token.tag], token.nesting)
        else:
            self._text(token.content)

    def _add(self, text: str, extra: int = TextStyle.NONE, url: str = "") -> None:
        text = clean(text).replace("\n", " ").replace("\t", " ")  # `&#10;` and its like are characters only now
        if self._open:
            self._open[-1].words.append(text)
        active = self._open[-1].url if self._open else url
        self._runs.append(TextSpan(text, extra | self._looks, active if active and self._links.allowed(active) else ""))

    def _mark(self, mark: int, step: int) -> None:
        self._marks[mark] = max(0, self._marks[mark] + step)
        self._looks = self._looks | mark if self._marks[mark] else self._looks & ~mark

    def _text(self, text: str) -> None:
        if self._open or not self._links.citations:
            self._add(text)
            return
        at = 0
        for found in CITATION.finditer(text):
            self._add(text[at : found.start()])
            self._add(found[0], url=self._links.citations.get(int(found[1]), ""))
            at = found.end()
        self._add(text[at:])

    def _break(self) -> None:
        self._done.append(trimmed(merged(self._runs)))
        self._runs = []

    def _formula(self, tex: str) -> None:
        readable = latex.to_unicode(tex)
        self._add(readable or " ".join(tex.split()), TextStyle.NONE if readable else TextStyle.CODE)

    def _picture(self, words: str, address: str) -> None:
        words = " ".join(words.split())
        if self._open or not address:
            self._add(words or address)
        elif self._links.allowed(address):
            self._add(words or address, url=address)
        else:
            self._add(f"{words} ({address})" if words else address)

    def _close_link(self) -> None:
        if not self._open:
            return
        link = self._open[-1]
        shown = "".join(link.words).strip()
        address = link.url.removeprefix("mailto:")
        if not shown:
            self._add(address)
        self._open.pop()
        if shown and address and not self._links.allowed(link.url) and not _says(shown, address):
            self._add(f" ({address})")

    def _tag(self, tag: str) -> None:
        name = html.name_of(tag)
        closing = tag.startswith("</")
        if not name:
            self._add(tag)
        elif name in html.MARKS:
            self._mark(html.MARKS[name], -1 if closing else 1)
        elif name == "img":
            self._picture(*html.picture(tag))
        elif name == "a":
            self._anchor(tag, closing)
        elif name in html.BREAKS and (self._runs or name == "br"):
            self._break()

    def _anchor(self, tag: str, closing: bool) -> None:
        if closing and self._open and self._open[-1].html:
            self._close_link()
        href = [a or b or c for name, a, b, c in html.ATTRIBUTE.findall(tag) if name.lower() == "href"]
        if not closing and href:
            self._open.append(_Open(href[0], html=True))


def _says(words: str, address: str) -> bool:
    """True if the words are the address already."""
    return words == address or words == re.sub(r"^https?://", "", address)
