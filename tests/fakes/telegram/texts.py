"""A text and its entities, as the Bot API counts them: offsets and lengths in UTF-16 code units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

BLANK = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u2800\u3164\ufeff\uffa0\ufffc]*"
)
"""A text of nothing but these is empty (`strip_empty_characters` of TDLib)."""
DROPPED = frozenset("\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u030a")
"""Characters that the server takes out (`clean_input_string` of TDLib); other control characters become spaces."""
TLD = "com|org|net|io|dev|me|md|ai|app|cn|de|uk|ru|info|edu|gov|co|xyz|rs|py"
PATTERNS = {
    "url": re.compile(
        rf"(?<![\w@])(?:https?://[^\s<>\"]+|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{TLD})\b(?![\w@.-]*@)(?:[:/?#][^\s<>\"]*)?)",
        re.IGNORECASE | re.ASCII,
    ),
    "email": re.compile(rf"(?<![\w.])[\w.+-]+@(?:[a-z0-9-]+\.)+(?:{TLD})\b", re.IGNORECASE | re.ASCII),
    "mention": re.compile(r"(?<!\w)@[A-Za-z0-9_]{2,32}(?!\w)"),
    "bot_command": re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@])"),
    "hashtag": re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}(?![\w#])"),
    "cashtag": re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])"),
}
"""How links and the like are found in a text; simpler than the server's own rules, for addresses above all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A stretch of a text with a meaning; `more` holds its `url`, `language`, `user` and the like."""

    type: str
    offset: int
    length: int
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return self.offset + self.length

    def json(self) -> dict[str, Any]:
        return {"type": self.type, "offset": self.offset, "length": self.length, **self.more}

    def moved(self, by: int) -> Entity:
        return replace(self, offset=self.offset + by)

    def between(self, start: int, end: int) -> Entity:
        return replace(self, offset=start, length=end - start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """A text as everybody sees it."""

    text: str = ""
    entities: tuple[Entity, ...] = ()

    def json(self, kind: str = "text") -> dict[str, Any]:
        """The fields of a message; `kind` is `text` or `caption`, empty texts give nothing."""
        if not self.text:
            return {}
        name = "entities" if kind == "text" else f"{kind}_entities"
        return {kind: self.text} | ({name: [entity.json() for entity in self.entities]} if self.entities else {})

    def of(self, entity: Entity) -> str:
        """The words that an entity covers."""
        return self.text.encode("utf-16-le")[2 * entity.offset : 2 * entity.end].decode("utf-16-le")


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def is_blank(text: str) -> bool:
    return BLANK.fullmatch(text) is not None


def found(text: str) -> tuple[Entity, ...]:
    """The links, mentions, commands and tags of a text; of two that overlap the first one counts."""
    spots = [(match.start(), -match.end(), kind) for kind, pattern in PATTERNS.items() for match in pattern.finditer(text)]
    entities: list[Entity] = []
    done = 0
    for start, minus_end, kind in sorted(spots):
        if start >= done:
            done = -minus_end
            entities.append(Entity(type=kind, offset=units(text[:start]), length=units(text[start:done])))
    return tuple(entities)


def sorted_entities(entities: Sequence[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity.offset, -entity.length, PRIORITY.get(entity.type, 50)))


PRIORITY = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
"""Which of two entities with the same bounds is the outer one (`get_type_priority` of TDLib)."""
