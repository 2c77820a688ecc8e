"""Inline Markdown and HTML tags of one block as lines of styled spans."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.markup import latex
from bot.markup.styled_text import TextSpan, TextStyle, clean, merged, trimmed
from knowledge.foreign_text import unescaped

if TYPE_CHECKING:
    from markdown_it.token import Token

NAMES = frozenset(
    "a abbr address article aside audio b bdi bdo big blockquote body br button caption center cite code col colgroup "
    "data dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 "
    "head header hr html i iframe img input ins kbd label legend li link main map mark meta nav noscript object ol "
    "option p picture pre progress q rp rt ruby s samp script section select small source span strike strong style "
    "sub summary sup table tbody td template textarea tfoot th thead"
    "time title tr track tt u ul var video wbr".split()
)
BREAKS = frozenset("br p div li tr h1 h2 h3 h4 h5 h6 hr ul ol table blockquote pre details summary section article dd dt".split())
HTML_MARKS = {
    **dict.fromkeys(("b", "strong"), TextStyle.BOLD),
    **dict.fromkeys(("i", "em"), TextStyle.ITALIC),
    **dict.fromkeys(("u", "ins"), TextStyle.UNDERLINE),
    **dict.fromkeys(("s", "del", "strike"), TextStyle.STRIKE),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), TextStyle.CODE),
}
TAG = re.compile(r"<!--(?:(?!<!--)[\s\S])*?-->|</?([A-Za-z][A-Za-z0-9]*)((?:\s[^<>]*)?)/?>")
LINE_END = re.compile(r"(?<![ \t])[ \t]*+\n[ \t]*+(\n\s*+)?")
ATTRIBUTE = re.compile(r"""\b(src|alt|href)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)


def words_of(block: str) -> str:
    """The words of an HTML blob, with line breaks where its elements would break lines."""
    text = TAG.sub(lambda found: _replaced(found[0], (found[1] or "").lower()), block)
    return LINE_END.sub(lambda found: "\n\n" if found[1] is not None else "\n", unescaped(text)).strip()


def _replaced(tag: str, name: str) -> str:
    if tag.startswith("<!--"):
        return ""
    if name == "img":
        alt, source = picture(tag)
        return f"{alt} ({source})" if source else alt
    if name == "br":
        return "\n"
    if name in BREAKS:
        return "\n" if not tag.startswith("</") or name == "p" else ""
    return "" if name in NAMES else tag


def picture(tag: str) -> tuple[str, str]:
    """The words and the address of an `<img>`."""
    found = {name.lower(): unescaped(a or b or c) for name, a, b, c in ATTRIBUTE.findall(tag)}
    return found.get("alt", ""), found.get("src", "")


def name_of(tag: str) -> str:
    """The name of a real HTML tag in lower case, `!` for a comment, nothing for what only looks like one (`<int>`)."""
    if tag.startswith("<!--"):
        return "!"
    found = TAG.fullmatch(tag)
    name = found[1].lower() if found and found[1] else ""
    return name if name in NAMES else ""


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
        elif token.type != "html_inline" or not name_of(token.content):
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
        name = name_of(tag)
        closing = tag.startswith("</")
        if not name:
            self._add(tag)
        elif name in HTML_MARKS:
            self._mark(HTML_MARKS[name], -1 if closing else 1)
        elif name == "img":
            self._picture(*picture(tag))
        elif name == "a":
            self._anchor(tag, closing)
        elif name in BREAKS and (self._runs or name == "br"):
            self._break()

    def _anchor(self, tag: str, closing: bool) -> None:
        if closing and self._open and self._open[-1].html:
            self._close_link()
        href = [a or b or c for name, a, b, c in ATTRIBUTE.findall(tag) if name.lower() == "href"]
        if not closing and href:
            self._open.append(_Open(href[0], html=True))


def _says(words: str, address: str) -> bool:
    """True if the words are the address already."""
    return words == address or words == re.sub(r"^https?://", "", address)
