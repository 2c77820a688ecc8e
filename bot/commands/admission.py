"""Whom `/allow` and `/deny` name: a person, a chat, a server, a channel or a role, by a number that there can be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.storage import Kind
from bot.types import Place

HERE = {"here", "这里", "這裡", "这儿"}
KINDS: Mapping[str, Kind] = {
    "user": "user",
    "person": "user",
    "人": "user",
    "用户": "user",
    "chat": "chat",
    "group": "chat",
    "群": "chat",
    "群组": "chat",
    "guild": "guild",
    "server": "guild",
    "服务器": "guild",
    "channel": "channel",
    "频道": "channel",
    "role": "role",
    "身份组": "role",
}
NUMBER = re.compile(r"(-?)(\d{1,20})")
LARGEST = 2**52
"""Telegram's ids have 52 bits at most (https://core.telegram.org/bots/api#user); those of groups are negative."""
SNOWFLAKE = 10**15
"""Discord's ids are times in their upper bits: each since its first day is longer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An entry of the access list."""

    kind: Kind
    id: str


def named(words: str, place: Place) -> Named | None:
    """What the words after the command name; None for nothing that can be.

    Digits may be those of any script: what looks like a number to whoever types it is one.
    """
    parts = unicodedata.normalize("NFKC", words).replace("\u2212", "-").lower().split()
    if len(parts) == 1 and parts[0] in HERE:
        kind: Kind = "channel" if place.platform == "discord" else "chat"
        return None if place.private else Named(kind=kind, id=place.chat)
    if len(parts) not in (1, 2) or (len(parts) == 2 and parts[0] not in KINDS):
        return None
    number = NUMBER.fullmatch(parts[-1])
    if number is None:
        return None
    id_ = int(number[2]) * (-1 if number[1] else 1)
    group = place.platform == "telegram" and id_ < 0
    chosen = KINDS[parts[0]] if len(parts) == 2 else "chat" if group else "user"
    return Named(kind=chosen, id=str(id_)) if _can_be(place.platform, chosen, id_) else None


def _can_be(platform: str, kind: Kind, id_: int) -> bool:
    if platform == "discord":
        return kind != "chat" and SNOWFLAKE <= id_ < 2**64
    return (kind == "user" and 0 < id_ < LARGEST) or (kind == "chat" and -LARGEST < id_ < 0)
