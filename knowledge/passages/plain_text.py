"""Markdown as the words a person reads. Nothing here keeps offsets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from knowledge.foreign_text import unescaped
from knowledge.types import Span

# HTML's own elements: `<span style=..>` is markup, while `vector<int>` and `<think>` in a note are its words.
ELEMENTS = (
    "a|abbr|article|aside|audio|b|blockquote|body|br|button|caption|center|cite|code|col|colgroup|dd|del|details|dfn|div"
    "|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li"
    "|link|main|mark|meta|nav|object|ol|option|p|param|picture|pre|q|ruby|rp|rt|s|samp|script|section|select|small"
    "|source|span|strike|strong|style|sub|summary|sup|svg|path|table|tbody|td|textarea|tfoot|th|thead|tr|track|tt|u|ul"
    "|var|video|wbr"
)
ATTRIBUTES = r"""(?:\s(?:[^'"<>]|"[^"]*"|'[^']*')*+)?"""
"""Without `<` outside of quotes: of several beginnings of tags that nothing closes, each is then read only as far as the next."""

UNREAD = re.compile(
    r"<(?P<element>script|style|svg)\b|(?P<comment><!--)|(?P<obsidian>%%)|(?P<liquid>\{%)|^(?P<kramdown>\{:)",
    re.IGNORECASE | re.MULTILINE,
)
"""How what nobody reads begins."""
UNREAD_ENDS = {
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
    "svg": re.compile(r"</svg\s*>", re.IGNORECASE),
    "comment": re.compile("-->"),
    "obsidian": re.compile("%%"),
    "liquid": re.compile(r"%\}"),
}
KRAMDOWN = re.compile(r"\{:[^}\n]*+\}$", re.MULTILINE)
TICKS = re.compile("`+|\n")
TAG = re.compile(rf"</?(?:{ELEMENTS}){ATTRIBUTES}/?>", re.IGNORECASE)
BREAK = re.compile(r"<(?:br|hr|/p|/div|/li|/td|/th|/tr|/h[1-6])\b[^<>]*+>", re.IGNORECASE)
WORDS = r"((?:[^\[\]]++|\[[^\[\]]*+\])*+)"
TARGET = r"\([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+(?:\s++[\"'][^\"']*+[\"'])?\)"
IMAGE = re.compile(rf"!\[{WORDS}\]{TARGET}|!\[\[[^\[\]]*+\]\]")
LINK = re.compile(rf"\[{WORDS}\]{TARGET}")
WIKI_LINK = re.compile(r"\[\[([^\[\]|\n]++)(?:\|([^\[\]\n]++))?\]\]")
FILE_NAME = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp)$|^(?:image|img|图片|截图)?[\s\d_-]*$", re.IGNORECASE)
ADDRESS = re.compile(r"<?(?:https?|ftp)://[^\s<>()\[\]（）「」，。；、]+>?", re.IGNORECASE)
MARKER = re.compile(
    r"^[ \t]*(?:>[ \t]?)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?(?:#{1,6}[ \t]+)?", re.MULTILINE
)
FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$|^[ \t]*(?:={3,}|-{3,}|\*{3,}|_{3,})[ \t]*$", re.MULTILINE)
RULE_CELL = r"[ \t]*+:?-{2,}+:?[ \t]*+"
RULE_ROW = re.compile(rf"^[ \t]*+\|?{RULE_CELL}(?:\|{RULE_CELL})*+\|?[ \t]*+$", re.MULTILINE)
EMPHASIS = re.compile(r"\*{1,3}|~~|==|`+|\$\$?")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
KEPT = "\ue000"
KEPT_MARK = re.compile(f"{KEPT}([0-9]{{1,9}}){KEPT}")
BLANKS = re.compile(r"[ \t\u00a0\u3000]+")


def plain(markdown: str) -> str:
    """The visible words of `markdown`: no markers, tags or addresses; lines stay lines, table cells are parted by blanks."""
    kept: list[str] = []

    def keep(words: str) -> str:
        """Put a mark in the place of words that are read as they stand."""
        kept.append(words)
        return f"{KEPT}{len(kept) - 1}{KEPT}"

    text = _without_code(markdown, keep) if "`" in markdown else markdown
    text = ESCAPE.sub(lambda escaped: keep(escaped[1]), text) if "\\" in text else text
    text = _without_markers(_without_tags(_without_links(text)))
    text = unescaped(text)
    if kept:
        text = KEPT_MARK.sub(lambda mark: kept[int(mark[1])] if int(mark[1]) < len(kept) else mark[0], text)
    lines = (BLANKS.sub(" ", line).strip() for line in text.replace("\ufeff", "").replace("\0", " ").splitlines())
    return "\n".join(line for line in lines if line)


def unread(markdown: str) -> list[Span]:
    """Places of what nobody reads: scripts, styles, drawings, comments."""
    code = iter(list(code_spans(markdown)))
    found, span = [], next(code, None)
    for place in _unread_anywhere(markdown):
        while span and span[1] <= place[0]:
            span = next(code, None)
        if not (span and span[0] <= place[0]):
            found.append(place)
    return found


def code_spans(markdown: str, ticks: re.Pattern[str] = TICKS) -> Iterator[Span]:
    """Places of inline code, its backticks included: as many behind it as before it, in one line.

    `ticks` finds the backticks, and the line ends that no code reaches over.
    """
    for is_end, found in groupby(ticks.finditer(markdown), key=lambda found: found[0][0] == "\n"):
        if not is_end:
            yield from _matched([one.span() for one in found])


def _matched(ticks: list[Span]) -> Iterator[Span]:
    closers: dict[int, int] = {}
    next_alike = [0] * len(ticks)
    for at in range(len(ticks) - 1, -1, -1):
        length = ticks[at][1] - ticks[at][0]
        next_alike[at], closers[length] = closers.get(length, 0), at
    at = 0
    while at < len(ticks):
        if next_alike[at]:
            yield ticks[at][0], ticks[next_alike[at]][1]
        at = (next_alike[at] or at) + 1


def _unread_anywhere(text: str) -> Iterator[Span]:
    """As `unread`, in code too. What begins and never ends is read as it stands, and its end is looked for only once."""
    endless, at = set(), 0
    while found := UNREAD.search(text, at):
        kind = (found["element"] or found.lastgroup or "").lower()
        at = found.end()
        if kind not in endless:
            end = KRAMDOWN.match(text, found.start()) if kind == "kramdown" else UNREAD_ENDS[kind].search(text, at)
            if end:
                at = end.end()
                yield found.start(), at
            elif kind != "kramdown":
                endless.add(kind)


def _without_code(text: str, keep: Callable[[str], str]) -> str:
    parts, at = [], 0
    for start, end in code_spans(text):
        code = text[start:end]
        ticks = len(code) - len(code.lstrip("`"))
        parts += [text[at:start], keep(code[ticks:-ticks])]
        at = end
    return "".join([*parts, text[at:]])


def _without_tags(text: str) -> str:
    if "<" in text or "%" in text or "{:" in text:
        parts, at = [], 0
        for start, end in _unread_anywhere(text):
            parts += [text[at:start], " "]
            at = end
        text = "".join([*parts, text[at:]])
    return TAG.sub("", BREAK.sub(" ", text)) if "<" in text else text


def _without_markers(text: str) -> str:
    text = RULE_ROW.sub("", FENCE.sub("", text))
    return EMPHASIS.sub("", MARKER.sub("", text).replace("|", " "))


def _without_links(text: str) -> str:
    if "[" in text:
        text = IMAGE.sub(_caption, text)
        text = LINK.sub(r"\1", WIKI_LINK.sub(lambda m: m[2] or m[1], text))
    return ADDRESS.sub(" ", text) if "://" in text else text


def _caption(image: re.Match[str]) -> str:
    """An image's description, unless it is only the name of its file."""
    words = (image[1] or "").strip()
    return "" if FILE_NAME.search(words) else words
