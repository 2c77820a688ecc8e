"""Discord's Markdown: messages within its limit, and escapes against accidental formatting, mentions and previews."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bot.markup.inline import Links
from bot.markup.parser import read
from bot.markup.plain import is_on_the_web, parts_of
from bot.markup.splitter import Measure, pack
from bot.markup.styled_text import Fence, StyledLine, TextSpan, TextStyle, is_visible

NOTHING = "\u200b"
"""A character without width. Backslashes do not keep Discord from notifying people; this does, and is not seen."""

SPECIAL = re.compile(r"[\\*_~|`]")
MENTION = re.compile(r"@(?=everyone|here)|<(?=[@#/:]|[a-zA-Z]+:)", re.IGNORECASE)
"""`@everyone`, `<@1>`, `<@&1>`, `<#1>`, `</name:1>`, `<t:1>`, `<:name:1>`, `<a:name:1>`, `<id:guide>` all begin like this."""
LIVE = re.compile(r"(https?)(?=://)", re.IGNORECASE)
PLAIN = re.compile(r"[^\x00-\x60\x7b-\x7e]*|[A-Za-z][A-Za-z ,.]*")
"""Words that need no look: nothing in them means anything to Discord."""
PING = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
LINE_START = re.compile(r"(\s*)(-#|#{1,3}(?=\s)|>{1,3}|[-*+](?=\s)|\d+(?=[.)]\s))")
NO_LINK = r"\s<>()\[\]`|\\\"\u2e80-\u9fff\uff00-\uffef“”‘’…"
LINK = re.compile(rf"https?://(?:[^{NO_LINK}]|\([^{NO_LINK}]*\))+", re.IGNORECASE)
LINK_TAIL = re.compile(r"[.,:;!?'*_~]+$")
BALANCED = re.compile(r"(?:[^\[\]]|\[[^\[\]]*\])*")
LONGEST_LINK = 500
"""Longer addresses stay words, so that they can be cut in two."""


def escaped(text: str, *, before: str = "", starts_line: bool = False) -> str:
    """The text so that it is shown as it is; `before` is the character that was sent before it."""
    if PLAIN.fullmatch(text):
        return text
    parts: list[str] = []
    at = 0
    for found in LINK.finditer(text):
        address = LINK_TAIL.sub("", found[0])
        if len(address) > LONGEST_LINK or len(address) < len("https://a"):
            continue
        parts += [_words(text[at : found.start()]), f"<{PING.sub('%40', address)}>"]
        at = found.start() + len(address)
    parts.append(_words(text[at:]))
    joined = "".join(parts)
    if before == "]" and joined.startswith("("):
        joined = f"\\{joined}"
    return _line_start(joined) if starts_line else joined


def _words(text: str) -> str:
    text = SPECIAL.sub(r"\\\g<0>", text)
    text = LIVE.sub(rf"\1{NOTHING}", text)
    return MENTION.sub(rf"\g<0>{NOTHING}", text).replace("](", "]\\(")


def _line_start(text: str) -> str:
    found = LINE_START.match(text)
    if not found:
        return text
    if found[2][0].isdigit():
        return f"{text[: found.end()]}\\{text[found.end() :]}"
    return f"{found[1]}\\{text[found.end(1) :]}"


def code(text: str) -> str:
    """Inline code; backticks in it are kept apart from those around it."""
    if "`" not in text:
        return f"`{text}`"
    apart = re.sub("`(?=`)", f"`{NOTHING}", text)
    return f"`` {apart} ``"


def fenced(text: str) -> str:
    """A line inside a code block, which it cannot end."""
    return re.sub("`(?=`)", f"`{NOTHING}", text) if "```" in text else text


def address(url: str) -> str:
    """The address as it may stand in a masked link."""
    url = PING.sub("%40", url)
    return re.sub(r"[()*~|`\\<>\s]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)


def masked(words: str, url: str) -> str:
    """A link with words of its own, and no preview; where Discord would not take the words, the address follows them."""
    if words in (url, url.removeprefix("https://"), url.removeprefix("http://")):
        return f"<{address(url)}>"
    if not BALANCED.fullmatch(words) or "://" in words:
        return f"{escaped(words)} (<{address(url)}>)"
    return f"[{escaped(words)}](<{address(url)}>)"


LIMIT = 2000
URL_LENGTH = 400
INDENT = "  "
DEEPEST = 6
FENCE = "```"
MARKERS: tuple[tuple[int, str], ...] = (
    (TextStyle.BOLD, "**"), (TextStyle.UNDERLINE, "__"), (TextStyle.STRIKE, "~~"), (TextStyle.ITALIC, "*"),
)  # fmt: skip
"""From the outermost to the innermost."""


def discord_messages(markdown: str, *, limit: int = LIMIT, links: Mapping[int, str] | None = None) -> tuple[str, ...]:
    """Markdown as messages, none over `limit` characters and none blank; nothing for a text that would show nothing.

    `links` makes links of the citation marks: `{1: "https://..."}` for `[1]`. Send with `AllowedMentions.none()` all the same.
    """
    longest = min(URL_LENGTH, limit // 4)
    lines = read(markdown, Links(allowed=lambda url: may_link(url, longest), citations=links or {}))
    parts = pack(lines, Measure(cost=_cost, overhead=_overhead), limit)
    return tuple(text for part in parts if is_visible(text := _message(part)))


def may_link(url: str, longest: int = URL_LENGTH) -> bool:
    """True for http and https addresses of a length that leaves room for words."""
    if len(address(url)) > longest or any(character.isspace() for character in url):
        return False
    parts = parts_of(url)
    return parts is not None and is_on_the_web(parts)


def _message(lines: Sequence[StyledLine]) -> str:
    rows: list[str] = []
    fence: Fence | None = None
    quote = 0
    for line in lines:
        if fence is not None and line.fence is not fence:
            rows.append(_quoted(FENCE, quote))
        if line.gap and rows:
            rows.append(_quoted("", quote if line.quote == quote else 0))
        if line.fence is not None and line.fence is not fence:
            header = () if line.text in line.fence.header else line.fence.header
            rows += [_quoted(row, line.quote) for row in (FENCE + line.fence.language, *map(fenced, header))]
        rows.append(_row(line) if rows or line.marker else _kept(_row(line)))
        fence, quote = line.fence, line.quote
    if fence is not None:
        rows.append(_quoted(FENCE, quote))
    return "\n".join(rows).rstrip()


def _quoted(row: str, quote: int) -> str:
    return f"> {row}" if quote else row


def _row(line: StyledLine) -> str:
    if line.fence:
        return _quoted(fenced(line.text), line.quote)
    return _quoted((_lead(line) + _drawn(line)).rstrip(), line.quote)


def _kept(row: str) -> str:
    """The first row of a message keeps its indentation only behind something that Discord does not cut off."""
    return NOTHING + row if row.startswith(" ") else row


def _lead(line: StyledLine) -> str:
    depth = min(line.depth, DEEPEST)
    hashes = "#" * line.heading + " " if 0 < line.heading <= 3 else ""
    if line.marker:
        return INDENT * (depth - 1) + line.marker + " " + hashes
    return INDENT * depth + hashes


def _cost(line: StyledLine) -> int:
    """Its row, line break, what keeps its indentation, and the empty row before it."""
    return len(_row(line)) + 2 + (3 if line.gap else 0)


def _overhead(line: StyledLine) -> int:
    if not line.fence:
        return 0
    header = sum(len(_quoted(fenced(row), line.quote)) + 1 for row in line.fence.header)
    return 2 * len(_quoted(FENCE, line.quote)) + len(line.fence.language) + 2 + header


def _drawn(line: StyledLine) -> str:
    """The words of a line with their markup, all of which is closed again at the line's end."""
    loud = TextStyle.BOLD if line.heading > 3 else TextStyle.NONE
    pieces = [piece for run in line.runs for piece in _pieces(run, run.marks | loud)]
    parts: list[str] = []
    opened: tuple[str, ...] = ()
    for (run, wanted), (_, following) in pairwise([*pieces, (TextSpan(""), ())]):
        if run.text.isspace():
            wanted = _shared(opened, following)
        kept = len(_shared(opened, wanted))
        _append(parts, "".join(reversed(opened[kept:])))
        _append(parts, "".join(wanted[kept:]))
        _append(parts, _shown(run, parts))
        opened = wanted
    _append(parts, "".join(reversed(opened)))
    return "".join(parts)


def _pieces(run: TextSpan, marks: int) -> list[tuple[TextSpan, tuple[str, ...]]]:
    """The run without the whitespace at its ends, which stands outside its markup; code takes no other markup."""
    markers = () if run.marks & TextStyle.CODE and not run.url else tuple(marker for mark, marker in MARKERS if mark & marks)
    words = run.text.strip()
    if len(words) == len(run.text):
        return [(run, markers)]
    start = len(run.text) - len(run.text.lstrip())
    found = (run.text[:start], words, run.text[start + len(words) :]) if words else (run.text,)
    return [(TextSpan(text, run.marks, run.url), markers) for text in found if text]


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return one[:count]


def _shown(run: TextSpan, parts: Sequence[str]) -> str:
    if run.text.isspace():
        return run.text
    if run.url:
        return masked(run.text, run.url)
    if run.marks & TextStyle.CODE:
        return code(run.text)
    return escaped(run.text, before=parts[-1][-1] if parts else "", starts_line=not parts)


def _append(parts: list[str], text: str) -> None:
    """Keep markup from growing together with what stands before it."""
    if text:
        if parts and parts[-1][-1] == text[0] and text[0] in "*_~`":
            parts.append(NOTHING)
        parts.append(text)
