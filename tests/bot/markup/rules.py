"""What Telegram and Discord accept, written down again and apart from the code that is tested."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.markup import Entity, Rich

SPLITTABLE = {"bold", "italic", "underline", "strikethrough", "spoiler"}
MONOSPACED = {"code", "pre"}
QUOTES = {"blockquote", "expandable_blockquote"}
ADDRESS = re.compile(r"(https?://([\w-]+\.)+\w{2,}\.?(:\d+)?([/?#]\S*)?|https?://(\d+\.){3}\d+(:\d+)?([/?#]\S*)?|tg://\S+)")


def check_telegram(rich: Rich, limit: int) -> None:
    """The rules of the Bot API's server (tdlib, MessageEntity.cpp), the ones it would mend without a word among them."""
    wide = rich.text.encode("utf-16-le")
    size = len(wide) // 2
    assert 0 < size <= limit
    assert rich.text == rich.text.rstrip(" \n")
    assert rich.text == rich.text.lstrip(" \n") or any((entity.type, entity.offset) == ("pre", 0) for entity in rich.entities)
    assert any(unicodedata.category(character) not in ("Zs", "Zl", "Zp", "Cc", "Cf") for character in rich.text)
    assert not re.search("[\x00-\x09\x0b-\x1f\u2028-\u202e]", rich.text)
    assert len(rich.entities) <= 100
    assert sum(len(entity.url) for entity in rich.entities) <= 9000
    indented = {entity.offset for entity in rich.entities if entity.type == "pre"}
    opened: list[Entity] = []
    before = (-1, 0)
    for entity in rich.entities:
        assert before <= (entity.offset, -entity.length), "sorted"
        before = (entity.offset, -entity.length)
        _check_stretch(entity, wide, indented)
        while opened and opened[-1].offset + opened[-1].length <= entity.offset:
            opened.pop()
        for outer in opened:
            _check_nested(outer, entity)
        opened.append(entity)


def _check_stretch(entity: Entity, wide: bytes, indented: set[int]) -> None:
    start, end = entity.offset, entity.offset + entity.length
    assert 0 <= start < end <= len(wide) // 2
    words = wide[start * 2 : end * 2].decode("utf-16-le")  # strict: no half of a pair
    assert words.rstrip(" \n") == words
    assert entity.offset in indented or words.lstrip(" \n") == words
    assert bool(entity.url) == (entity.type == "text_link")
    assert not entity.url or ADDRESS.fullmatch(entity.url), entity.url
    assert not entity.language or entity.type == "pre"


def _check_nested(outer: Entity, inner: Entity) -> None:
    assert inner.offset + inner.length <= outer.offset + outer.length, "no crossing"
    assert inner.type != outer.type
    assert outer.type not in MONOSPACED
    if inner.type in MONOSPACED | QUOTES:
        assert outer.type in QUOTES
        assert inner.type not in QUOTES
    if inner.type == "text_link":
        assert outer.type in QUOTES | SPLITTABLE


FENCE = re.compile(r"^(?:> )?```([\w+#.-]*)$")
LIVE = re.compile(r"@everyone|@here|<@[!&]?\d+>|<#\d+>|</[^:>]+:\d+>|<t:-?\d+(:[a-zA-Z])?>|<a?:\w+:\d+>|<id:\w+>")
BARE = re.compile(r"https?://\w", re.IGNORECASE)


def check_discord(message: str, limit: int) -> None:
    """Length, fences, mentions and previews."""
    assert 0 < len(message) <= limit
    assert message.strip()
    outside = "\n".join(words_outside_code(message))
    assert not LIVE.search(outside), outside
    assert not BARE.search(re.sub(r"<https?://[^>\s]*>", "", outside)), outside


def words_outside_code(message: str) -> Iterable[str]:
    """The rows outside code blocks, without inline code; fails on a fence that is left open or stands inside a row."""
    fenced = False
    for row in message.split("\n"):
        if FENCE.match(row):
            fenced = not fenced
        elif fenced:
            assert "```" not in row
        else:
            bare = re.sub(r"\\[^\w\s]", "", row)
            assert "```" not in bare, row
            yield re.sub(r"(?<![\\`])(`+)(?!`)(?:(?!\1).)*?(?<!`)\1(?!`)", "", row)
    assert not fenced


def letters(text: str) -> str:
    """Only letters and digits: what no markup adds or takes away."""
    return "".join(character for character in text if character.isalnum())


def visible_on_discord(message: str) -> str:
    """The letters and digits of a message, the languages of its fences left out."""
    return letters("\n".join(row for row in message.split("\n") if not FENCE.match(row)))
