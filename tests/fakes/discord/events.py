"""What happens in the world, as the gateway hands it on, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

from tests.fakes.discord.values import Guild


class Intent(IntFlag):
    """The gateway intents that the fake looks at; three of them need a switch in the developer portal."""

    GUILDS = 1 << 0
    MEMBERS = 1 << 1
    PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_REACTIONS = 1 << 10
    GUILD_TYPING = 1 << 11
    DM_MESSAGES = 1 << 12
    DM_REACTIONS = 1 << 13
    DM_TYPING = 1 << 14
    CONTENT = 1 << 15


PRIVILEGED = Intent.MEMBERS | Intent.PRESENCES | Intent.CONTENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: `body` makes its JSON for a session that sees all content, or that does not."""

    name: str
    body: Callable[[bool], dict[str, Any]]
    guild: Guild | None = None
    intents: int = 0
    """The session must have one of these; 0 is for everybody."""

    def is_for(self, *, intents: int, shard: int, shards: int) -> bool:
        if self.intents and not self.intents & intents:
            return False
        return shard == ((self.guild.id >> 22) % shards if self.guild else 0)
