"""What every route works with: the world, the calls, the commands; and the routes' small common steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.calls import Call
from tests.fakes.discord.drafts import Upload
from tests.fakes.discord.events import Intent
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.payloads import message_json
from tests.fakes.discord.permissions import May
from tests.fakes.discord.refusals import Refused, invalid
from tests.fakes.discord.values import Channel, Guild, Message, User
from tests.fakes.discord.world import World

Answer = tuple[int, Any]
"""A status and JSON."""
NOTHING: Answer = (204, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that belongs to a route."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: Mapping[str, Upload]

    def id(self, name: str) -> int:
        value = self.params[name]
        if not value.isdigit():
            raise invalid(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        return int(value)

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """A number of the query."""
        value = self.query.get(name, str(default))
        if not value.isdigit() or not least <= int(value) <= most:
            raise invalid(name, "NUMBER_TYPE_RANGE", f"int value should be between {least} and {most}.")
        return int(value)


@dataclass(slots=True, kw_only=True)
class Api:
    """The state that the routes share."""

    world: World
    gateway: Gateway
    owner: User
    calls: dict[int, Call] = field(default_factory=dict)
    commands: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """Registered commands, by guild id; 0 is for everywhere."""
    typing: list[tuple[float, Channel]] = field(default_factory=list)
    """When and where the bot was seen typing."""

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def sees_all(self) -> bool:
        """Whether the application may read the content of every message."""
        return bool(self.gateway.allowed & Intent.CONTENT)

    def told(self, message: Message) -> dict[str, Any]:
        return message_json(message, bot=self.bot, sees_all=self.sees_all)

    def channel(self, request: Request, need: int = 0, name: str = "channel_id") -> Channel:
        """The channel of a path, if the bot sees it and may do this there."""
        channel = self.world.channels.get(request.id(name))
        if channel is None or channel.deleted:
            raise Refused(10003)
        bits = self.world.may(self.bot, channel)
        if not bits & May.VIEW_CHANNEL:
            raise Refused(50001)
        if need & ~bits:
            raise Refused(50013)
        return channel

    def guild(self, request: Request) -> Guild:
        guild = self.world.guilds.get(request.id("guild_id"))
        if guild is None:
            raise Refused(10004)
        if self.bot.id not in guild.members:
            raise Refused(50001)
        return guild

    def message(self, request: Request, channel: Channel) -> Message:
        return self.world.find(channel, request.id("message_id"))


Serve = Callable[[Api, Request], Answer]
Route = tuple[str, str, Serve]
"""Method, path with names in braces, and what serves it."""
