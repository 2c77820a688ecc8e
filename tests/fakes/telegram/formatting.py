"""What the bot wrote goes in, as markup or with entities; what people see comes out, checked and trimmed as the server does it.

Of entities that overlap or nest in forbidden ways the real server keeps what it can and says nothing (`fix_entities` of TDLib).
So does this fake for markup; entities that the bot spelled out itself are refused instead, for it lost formatting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from tests.fakes.telegram.html import Unparsable, parse_html
from tests.fakes.telegram.links import WrongLink, checked_link
from tests.fakes.telegram.markdown import parse_markdown, parse_markdown_v2
from tests.fakes.telegram.refusals import bad, stricter
from tests.fakes.telegram.texts import DROPPED, Entity, Formatted, found, is_blank, sorted_entities, units

PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
CODE = frozenset({"code", "pre"})
FOUND = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"})
"""Kinds that the server finds by itself and overlooks when a bot names them."""
WITH = {
    "pre": frozenset({"language"}),
    "text_link": frozenset({"url"}),
    "text_mention": frozenset({"user"}),
    "custom_emoji": frozenset({"custom_emoji_id"}),
    "date_time": frozenset({"unix_time", "date_time_format"}),
}
MOST = 100
"""Entities of a message; those after it are lost without a word (rubenlagus/TelegramBots#854)."""
MOST_BYTES = 9500
"""About what the entities of a message may take on the wire (tdlib/telegram-bot-api#165)."""


def formatted(text: str, mode: str | None, entities: object = None, *, may_be_empty: bool = False) -> Formatted:
    """What people see of a text; `Refused` when the server would not take it."""
    _check_unicode(text)
    if mode:
        text, given = _parsed(text, mode)
    else:
        given = _checked_overlaps(_spelled_out(entities))
    if text and not given and is_blank(text) and not may_be_empty:
        raise bad("text must be non-empty")
    text, given = cleaned(text, mended([entity for entity in given if entity.length]))
    text, given = trimmed(text, mended(given))
    if is_blank(text):
        if text and not may_be_empty:
            raise bad("text must be non-empty")
        return Formatted()
    every = _with_found(given, found(text))
    if sum(12 + len(str(value).encode()) for entity in every for value in ("", *entity.more.values())) > MOST_BYTES:
        raise bad("ENTITIES_TOO_LONG")
    return Formatted(text=text, entities=tuple(every[:MOST]))


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as problem:
        raise bad("strings must be encoded in UTF-8") from problem


def _parsed(text: str, mode: str) -> tuple[str, list[Entity]]:
    if mode.lower() not in PARSERS:
        raise bad("unsupported parse_mode")
    try:
        return PARSERS[mode.lower()](text)
    except Unparsable as problem:
        raise bad(f"can't parse entities: {problem}") from problem


def _spelled_out(entities: object) -> list[Entity]:
    if entities is None:
        return []
    if not isinstance(entities, list):
        raise bad("can't parse entities JSON object")
    return [entity for one in entities if (entity := _one(one)) is not None]


def _one(given: object) -> Entity | None:
    if not isinstance(given, Mapping):
        raise bad("can't parse MessageEntity: expected an Object")
    kind, offset, length = given.get("type"), given.get("offset"), given.get("length")
    if not isinstance(offset, int) or not isinstance(length, int):
        raise bad('can\'t parse MessageEntity: Field "offset" must be of type Number')
    if kind not in QUOTES | STYLES | CODE | FOUND | set(WITH):
        raise bad("can't parse MessageEntity: Unsupported type specified")
    if not 0 <= offset <= 1_000_000:
        raise bad(f"receive an entity with incorrect offset {offset}")
    if not 0 <= length <= 1_000_000:
        raise bad(f"receive an entity with incorrect length {length}")
    more = {name: value for name, value in given.items() if name not in ("type", "offset", "length")}
    if unknown := more.keys() - WITH.get(str(kind), frozenset()):
        raise stricter(f"a {kind} entity has no field {min(unknown)!r}")
    if length == 0:
        raise stricter(f"a {kind} entity of no length at offset {offset}")
    return None if kind in FOUND else Entity(type=str(kind), offset=offset, length=length, more=_checked_more(str(kind), more))


def _checked_more(kind: str, more: Mapping[str, Any]) -> Mapping[str, Any]:
    if kind == "text_link":
        try:
            return {"url": checked_link(str(more.get("url", "")))}
        except WrongLink as problem:
            raise bad(f"entity URL '{more.get('url', '')}' is invalid: {problem}") from problem
    if kind == "text_mention" and "user" not in more:
        raise bad("can't parse MessageEntity: Can't find field \"user\"")
    if kind == "custom_emoji" and not str(more.get("custom_emoji_id", "")).isdigit():
        raise bad("invalid custom emoji identifier specified")
    if kind == "date_time" and not isinstance(more.get("unix_time"), int):
        raise bad("can't parse MessageEntity: Can't find field \"unix_time\"")
    return {name: value for name, value in more.items() if value}


def _checked_overlaps(entities: Sequence[Entity]) -> list[Entity]:
    """The same entities, sorted; refused when the real server would drop or cut one of them."""
    ordered = sorted_entities(entities)
    for outer, inner, reason in _clashes(ordered):
        raise stricter(f"{inner.type} at {inner.offset}..{inner.end} {reason} {outer.type} at {outer.offset}..{outer.end}")
    return ordered


def _clashes(ordered: Sequence[Entity]) -> Iterator[tuple[Entity, Entity, str]]:
    open_: list[Entity] = []
    for entity in ordered:
        open_ = [outer for outer in open_ if outer.end > entity.offset]
        yield from ((outer, entity, reason) for outer in open_ if (reason := _clash(outer, entity)))
        open_.append(entity)


def _clash(outer: Entity, inner: Entity) -> str:
    """Why the inner one, which begins in the outer one, may not be there."""
    if inner.end > outer.end:
        return "crosses the end of"
    if outer.type in CODE:
        return "lies in"
    if outer.type in QUOTES and inner.type in QUOTES:
        return "is a quote in"
    if outer.type == inner.type:
        return "repeats"
    if outer.type not in STYLES | QUOTES and inner.type not in STYLES:
        return "may not nest in"
    return ""


def mended(entities: Sequence[Entity]) -> list[Entity]:
    """Sorted, nested properly, nothing inside code: what the server makes of entities that clash."""
    ordered = sorted_entities(entities)
    if not any(_clashes(ordered)):
        return ordered
    blocks = _apart([entity for entity in ordered if entity.type in QUOTES])
    solid = _apart([entity for entity in ordered if entity.type not in STYLES | QUOTES])
    solid = [one for one in solid if not any(_crosses(one, block) for block in blocks)]
    fixed = [*blocks, *solid]
    styles: list[Entity] = []
    for style in sorted(STYLES):
        for run in _merged([entity for entity in ordered if entity.type == style]):
            styles += _cut(run, [*fixed, *styles])
    return sorted_entities([*fixed, *styles])


def _apart(entities: Sequence[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if not kept or entity.offset >= kept[-1].end:
            kept.append(entity)
    return kept


def _crosses(one: Entity, block: Entity) -> bool:
    apart = one.end <= block.offset or block.end <= one.offset
    return not apart and not (block.offset <= one.offset and one.end <= block.end)


def _merged(entities: Sequence[Entity]) -> list[Entity]:
    runs: list[Entity] = []
    for entity in entities:
        if runs and entity.offset <= runs[-1].end:
            runs[-1] = runs[-1].between(runs[-1].offset, max(runs[-1].end, entity.end))
        else:
            runs.append(entity)
    return runs


def _cut(run: Entity, others: Sequence[Entity]) -> list[Entity]:
    """A style without what lies in code, and in pieces where it would cross another entity."""
    cuts = {run.offset, run.end}
    for other in others:
        crossing = other.offset < run.offset < other.end < run.end or run.offset < other.offset < run.end < other.end
        if crossing or other.type in CODE:
            cuts |= {edge for edge in (other.offset, other.end) if run.offset < edge < run.end}
    code = [other for other in others if other.type in CODE]
    pieces = [run.between(start, end) for start, end in pairwise(sorted(cuts))]
    return [piece for piece in pieces if not any(block.offset <= piece.offset < block.end for block in code)]


def cleaned(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Without control characters, entities moved along; refused when one begins or ends where no character does."""
    if not entities:
        return "".join(map(_clean, text)), []
    moved, bytes_at, new, kept, old = {0: 0}, {0: 0}, 0, [], 0
    size = 0
    for character in text:
        width = units(character)
        size += len(character.encode())
        old += width
        kept.append(_clean(character))
        new += units(kept[-1])
        moved[old], bytes_at[old] = new, size
    for entity in entities:
        _check_bounds(entity, old, moved, bytes_at)
    return "".join(kept), [entity.between(moved[entity.offset], moved[entity.end]) for entity in entities if _left(entity, moved)]


def _clean(character: str) -> str:
    if character in DROPPED:
        return ""
    return " " if character < " " and character != "\n" else character


def _left(entity: Entity, moved: Mapping[int, int]) -> bool:
    return moved[entity.offset] < moved[entity.end]


def _check_bounds(entity: Entity, end: int, moved: Mapping[int, int], bytes_at: Mapping[int, int]) -> None:
    if entity.offset > end or entity.offset == end:
        raise bad(f"entity begins after the end of the text at UTF-16 offset {entity.offset}")
    if entity.offset not in moved:
        raise bad(f"entity begins in a middle of a UTF-16 symbol at byte offset {bytes_at[entity.offset + 1]}")
    if entity.end > end:
        raise bad(
            f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the text at UTF-16 offset {entity.end}"
        )
    if entity.end not in moved:
        where = bytes_at[entity.end + 1]
        raise bad(f"entity beginning at UTF-16 offset {entity.offset} ends in a middle of a UTF-16 symbol at byte offset {where}")


def trimmed(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Without blanks at the end, and at the beginning as far as no entity begins there."""
    text = text.rstrip(" \n")
    end = units(text)
    inside = [entity.between(entity.offset, min(entity.end, end)) for entity in entities if entity.offset < end]
    first = min((entity.offset for entity in inside), default=end)
    skipped = min(len(text) - len(text.lstrip(" \n")), first)
    return text[skipped:], sorted_entities([entity.moved(-skipped) for entity in inside])


def _with_found(given: Sequence[Entity], detected: Sequence[Entity]) -> list[Entity]:
    solid = [entity for entity in given if entity.type not in STYLES | QUOTES]
    free = [one for one in detected if all(one.end <= other.offset or other.end <= one.offset for other in solid)]
    styles = [replace(entity) for entity in given]
    return mended([*styles, *free]) if free else styles
