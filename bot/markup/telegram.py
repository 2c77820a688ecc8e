"""Telegram's message texts with their entities, counted in UTF-16 units as the Bot API counts them.

The rules are those of Telegram's own server (tdlib, td/telegram/MessageEntity.cpp): nothing in code, quotes neither in each other
nor cut, no link in a link, entities that nest. Formatting over 100 entities is dropped there; here the least telling goes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.markup.inline import Links
from bot.markup.parser import read
from bot.markup.plain import is_on_the_web, parts_of
from bot.markup.splitter import Measure, pack
from bot.markup.styled_text import Rank, StyledLine, TextSpan, TextStyle, clean, is_visible

LIMIT = 4096
MOST_ENTITIES = 100
URL_LENGTH = 2048
INDENT = "\u00a0\u00a0\u00a0"
"""Not plain spaces: Telegram cuts those from the beginning of a message."""
DEEPEST = 6
TRIMMED = (" ".encode("utf-16-le"), "\n".encode("utf-16-le"))
"""What Telegram cuts from the ends of a message."""
BULLETS = "•–"

Type = Literal[
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "blockquote", "expandable_blockquote"
]
ORDER: tuple[Type, ...] = (
    "expandable_blockquote", "blockquote", "pre", "text_link", "code", "bold", "italic", "underline", "strikethrough", "spoiler",
)  # fmt: skip
"""From the outermost to the innermost, and from the dearest to the first that is let go."""
MARKS: tuple[tuple[int, Type], ...] = (
    (TextStyle.BOLD, "bold"), (TextStyle.ITALIC, "italic"), (TextStyle.UNDERLINE, "underline"),
    (TextStyle.STRIKE, "strikethrough"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One formatted stretch; `offset` and `length` in UTF-16 units."""

    type: Type
    offset: int
    length: int
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rich:
    """The text of one message with its formatting."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """One layer of formatting; equal layers that touch are one entity."""

    type: Type
    argument: str = ""
    number: int = 0
    """Tells quotes, and code blocks, from their neighbours."""


Stretch = tuple[str, tuple[_Look, ...]]


def units(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def telegram_messages(markdown: str, *, limit: int = LIMIT, links: Mapping[int, str] | None = None) -> tuple[Rich, ...]:
    """Markdown as messages, none over `limit` UTF-16 units and none blank; nothing for a text that would show nothing.

    `links` makes links of the citation marks: `{1: "https://..."}` for `[1]`.
    """
    longest = min(URL_LENGTH, limit // 2)
    lines = read(markdown, Links(allowed=lambda url: may_link(url, longest), citations=links or {}))
    parts = pack(lines, Measure(cost=_cost, overhead=_overhead), limit)
    return tuple(rich for part in parts if (rich := _rich(_stretches(part))) is not None)


def telegram_quote(text: str, *, expandable: bool = True, limit: int = LIMIT) -> tuple[Rich, ...]:
    """The text as it is, no Markdown read, in a block quote that folds away if `expandable`; one quote for each message."""
    look = (_Look("expandable_blockquote" if expandable else "blockquote"),)
    rows = clean(text).expandtabs(4).strip("\n").split("\n")
    rows[0] = re.sub("^ +", lambda spaces: "\u00a0" * len(spaces[0]), rows[0])  # Telegram would cut plain ones
    lines = [StyledLine(runs=(TextSpan(row),) if row else (), rank=Rank.LINE if row.strip() else Rank.ITEM) for row in rows]
    parts = pack(lines, Measure(cost=lambda line: units(line.text) + 1, overhead=lambda _: 0), limit)
    joined = ("\n".join(line.text for line in part) for part in parts)
    return tuple(rich for words in joined if (rich := _rich(((words, look),))) is not None)


def may_link(url: str, longest: int = URL_LENGTH) -> bool:
    """True for what Telegram takes as the address of a link: http and https with a real host, and tg."""
    if len(url) > longest or any(character.isspace() or character in '<>"\\^`{|}' for character in url):
        return False
    parts = parts_of(url)
    if parts is None:
        return False
    if parts.scheme == "tg":
        host = parts.hostname or ""
        return host.replace("_", "").isalnum() and host.isascii()
    return is_on_the_web(parts)


def _lead(line: StyledLine) -> str:
    """Indentation and marker."""
    if line.fence or not line.depth:
        return ""
    depth = min(line.depth, DEEPEST)
    if not line.marker:
        return INDENT * depth
    marker = BULLETS[(line.depth - 1) % 2] if line.marker == "-" else line.marker
    return INDENT * (depth - 1) + marker + " "


def _cost(line: StyledLine) -> int:
    """Links cost more than their words, so that a message never has more than Telegram keeps (100, about 9,000 bytes in all)."""
    links = sum(
        max(0, LIMIT // MOST_ENTITIES + 1 - units(run.text), len(run.url) // 2 - units(run.text)) for run in line.runs if run.url
    )
    return 1 + line.gap + units(_lead(line)) + units(line.text) + links


def _overhead(line: StyledLine) -> int:
    return sum(units(row) + 1 for row in line.fence.header) if line.fence else 0


def _stretches(lines: Sequence[StyledLine]) -> Iterator[Stretch]:
    """The text of a part from its beginning to its end, each piece with its layers."""
    before: StyledLine | None = None
    for line in lines:
        around = _around(line)
        if before is not None:
            shared = tuple(look for look in _around(before) if look in around)
            yield ("\n\n" if line.gap else "\n"), shared
        elif line.fence and line.text not in line.fence.header:
            yield "".join(f"{row}\n" for row in line.fence.header), around
        yield _lead(line), around[:1] if line.quote else ()
        for run in line.runs:
            yield run.text, around if line.fence else (*around, *_looks(run, line))
        before = line


def _around(line: StyledLine) -> tuple[_Look, ...]:
    quote = (_Look("blockquote", number=line.quote),) if line.quote else ()
    return (*quote, _Look("pre", line.fence.language, id(line.fence))) if line.fence else quote


def _looks(run: TextSpan, line: StyledLine) -> tuple[_Look, ...]:
    """Links win over code, code over everything else: Telegram allows no other layer with them."""
    link = (_Look("text_link", run.url),) if run.url else ()
    if run.marks & TextStyle.CODE and not run.url:
        return (_Look("code"),)
    marks = run.marks | (TextStyle.BOLD if line.heading else TextStyle.NONE)
    return (*link, *(_Look(name) for mark, name in MARKS if mark & marks))


def _rich(stretches: Iterable[Stretch]) -> Rich | None:
    """The message, trimmed as Telegram would trim it; None if it would show nothing."""
    texts: list[str] = []
    found: list[Entity] = []
    opened: list[tuple[_Look, int]] = []
    at = 0
    for text, looks in stretches:
        if not text:
            continue
        kept = 0
        while kept < min(len(opened), len(looks)) and opened[kept][0] == looks[kept]:
            kept += 1
        _close(opened, kept, at, found)
        opened.extend((look, at) for look in looks[kept:])
        texts.append(text)
        at += units(text)
    _close(opened, 0, at, found)
    whole = "".join(texts)
    return _trimmed(whole, found) if is_visible(whole) else None


def _close(opened: list[tuple[_Look, int]], kept: int, at: int, found: list[Entity]) -> None:
    while len(opened) > kept:
        look, start = opened.pop()
        url, language = (look.argument, "") if look.type == "text_link" else ("", look.argument)
        found.append(Entity(type=look.type, offset=start, length=at - start, url=url, language=language))


def _trimmed(text: str, entities: Sequence[Entity]) -> Rich:
    """No whitespace at the ends of the message, nor of any entity (code keeps its indentation)."""
    wide = text.encode("utf-16-le")
    indented = frozenset(entity.offset for entity in entities if entity.type == "pre")
    first = min((units(text) - units(text.lstrip(" \n")), *indented))
    shrunk = (_shrunk(entity, wide, indented) for entity in entities)
    kept = [replace(entity, offset=entity.offset - first) for entity in shrunk if entity.length > 0]
    return Rich(text=wide[first * 2 :].decode("utf-16-le").rstrip(" \n"), entities=_ordered(kept))


def _shrunk(entity: Entity, wide: bytes, indented: frozenset[int]) -> Entity:
    start, end = entity.offset, entity.offset + entity.length
    while end > start and wide[end * 2 - 2 : end * 2] in TRIMMED:
        end -= 1
    while start < end and wide[start * 2 : start * 2 + 2] in TRIMMED and start not in indented:
        start += 1
    return replace(entity, offset=start, length=end - start)


def _ordered(entities: list[Entity]) -> tuple[Entity, ...]:
    dearest = sorted(entities, key=lambda entity: (ORDER.index(entity.type), entity.offset))[:MOST_ENTITIES]
    return tuple(sorted(dearest, key=lambda entity: (entity.offset, -entity.length, ORDER.index(entity.type))))
