"""The connection: which events Discord sends, how many shards there are, to whom they are handed, and what was missed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp
import discord
import yarl

from bot.backoff import Backoff
from bot.platforms.discord.api import TROUBLE
from bot.platforms.protocol import MALFORMED
from bot.settings import DiscordSettings, PlatformProblem, Proxy, proxy_for

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # what is missing for voice concerns nobody here


class Listener(Protocol):
    """Told what happens."""

    async def on_ready(self) -> None: ...
    async def on_message(self, message: discord.Message) -> None: ...
    async def on_edit(self, message: discord.Message, at: datetime) -> None: ...
    def on_interaction(self, interaction: discord.Interaction[Any]) -> Awaitable[None]: ...
    async def on_reaction(self, event: discord.RawReactionActionEvent, *, taken_back: bool) -> None: ...
    def on_malformed(self, event: str, data: Any, error: Exception) -> None: ...


class OneLine(logging.Filter):
    """A network that is away needs no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordException)):
            record.msg, record.args = f"{record.getMessage()} ({str(error) or type(error).__name__})", ()
            record.exc_info = record.exc_text = None
        return True


SERVER = "https://discord.com"
NEEDED = ("READY", "RESUMED")
"""Events without which there is no connection."""
ONE_LINE = OneLine()
CONNECT_S = 60.0
"""For one connection, with the pause before it."""


class DiscordClient(discord.AutoShardedClient):
    """Keeps no members and no messages; pings nobody."""

    identify_pause_s = 5.0
    """Between two identifications; Discord takes one in 5 s (https://discord.com/developers/docs/events/gateway#rate-limiting)."""
    guild_ready_s = 2.0
    """Without a further server in this time, all have been told."""

    def __init__(self, listener: Listener, settings: DiscordSettings) -> None:
        super().__init__(
            intents=intents_of(settings),
            shard_count=settings.shards or None,
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            guild_ready_timeout=self.guild_ready_s,
            shard_connect_timeout=CONNECT_S,
            **proxy_options(proxy_of(settings)),
        )
        self._listener = listener
        parsers = self._connection.parsers
        parsers.update({name: self._tolerant(name, parse) for name, parse in parsers.items() if name not in NEEDED})
        logging.getLogger("discord.shard").addFilter(ONE_LINE)

    def _tolerant(self, name: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
        """An event that the library cannot read would end the connection otherwise."""

        def parse_or_skip(data: Any) -> None:
            try:
                parse(data)
            except MALFORMED as error:
                self._listener.on_malformed(name, data, error)

        return parse_or_skip

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """As the library does it; but its waits for a broken connection grow to 17 minutes."""
        await super().launch_shard(gateway, shard_id, initial=initial)
        self.shards[shard_id]._parent._backoff = Backoff()  # type: ignore[assignment]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """As the library does it, with a pause that can be set."""
        if not initial:
            await asyncio.sleep(self.identify_pause_s)

    async def on_ready(self) -> None:
        await self._listener.on_ready()

    async def on_message(self, message: discord.Message) -> None:
        await self._listener.on_message(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        if event.message.edited_at:  # otherwise Discord has added something to it, such as a preview
            await self._listener.on_edit(event.message, event.message.edited_at)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await self._listener.on_interaction(interaction)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        await self._listener.on_reaction(event, taken_back=False)

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        await self._listener.on_reaction(event, taken_back=True)


def intents_of(settings: DiscordSettings) -> discord.Intents:
    """Only what is needed; the content of messages is a privilege that works without being granted."""
    intents = discord.Intents.none()
    intents.guilds = intents.messages = intents.reactions = True
    intents.message_content = settings.message_content
    return intents


def proxy_of(settings: DiscordSettings) -> Proxy | None:
    """What everything goes through, if anything."""
    return proxy_for(settings.api_url or SERVER, settings.proxy, "aiohttp_socks")


def proxy_options(proxy: Proxy | None) -> dict[str, Any]:
    """What a client is made with: aiohttp itself knows HTTP proxies only."""
    if proxy is None:
        return {}
    if not proxy.is_socks:
        return {"proxy": proxy.url}
    from aiohttp_socks import ProxyConnector

    return {"connector": ProxyConnector.from_url(proxy.url, rdns=True)}


@contextmanager
def addressed(api_url: str) -> Iterator[None]:
    """Within this, the library talks to another address, and asks there for the gateway's."""
    if not api_url:
        yield
        return
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = api_url.rstrip("/")
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


async def use_gateway(client: discord.Client) -> None:
    """Connect where the API says, also when the number of shards is set (the library then takes Discord's own address)."""
    from discord.gateway import DiscordWebSocket

    _, url, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)


log = logging.getLogger(__name__)


AWAY = (discord.HTTPException, discord.GatewayNotFound, *TROUBLE)


async def stay_connected(client: DiscordClient) -> None:
    """Stay connected. The client sees to connections that break; this is for before it has the first one."""
    backoff = Backoff()
    while True:
        try:
            return await client.connect()
        except AWAY as error:
            await asyncio.sleep(told(error, backoff))


def told(error: Exception, backoff: Backoff) -> float:
    """Say in one line that Discord is away, and how long to wait."""
    wait = backoff.delay()
    log.warning("Discord is not reached, tried again in %.0f s: %s", wait, str(error) or type(error).__name__)
    return wait


def raise_fault(task: asyncio.Task[Any]) -> None:
    """Why the connection ended by itself.

    Raises:
        PlatformProblem: Discord will refuse it the next time as well.
    """
    try:
        task.result()
    except discord.PrivilegedIntentsRequired as error:
        raise PlatformProblem(
            "Discord does not let this bot read messages: switch on Message Content Intent (discord.com/developers/applications "
            "› Bot), or set discord.message_content: false"
        ) from error
    except discord.ConnectionClosed as error:
        if error.code == 4004:
            raise PlatformProblem("Discord refuses the token while connecting") from error
        raise


SLACK = timedelta(minutes=2)
"""Events arrive a little out of order, and clocks differ."""
MOST_MESSAGES = 500
"""Of one channel."""
MOST_PEOPLE = 50
"""Whose direct messages are looked at."""


def since(last_seen: int, oldest: datetime) -> datetime:
    """From the last event that was taken on, but not longer ago than what is answered at all."""
    return max(oldest, discord.utils.snowflake_time(last_seen) - SLACK) if last_seen else oldest


async def missed(client: discord.Client, begin: datetime, people: Iterable[str]) -> AsyncIterator[discord.Message]:
    """Messages since then, channel by channel, oldest first. A channel that is closed to the bot is left out."""
    for channel in [*_channels(client, begin), *await _direct(client, people)]:
        try:
            async for message in channel.history(after=begin, limit=MOST_MESSAGES, oldest_first=True):
                yield message
        except (discord.Forbidden, discord.NotFound):
            log.info("the history of %s is closed to the bot", channel.id)


def _channels(client: discord.Client, begin: datetime) -> list[discord.TextChannel | discord.Thread]:
    channels: list[discord.TextChannel | discord.Thread] = []
    for guild in client.guilds:
        channels += [*guild.text_channels, *guild.threads]
    return [one for one in channels if _is_later(one.last_message_id, begin) and _may_read(one)]


def _may_read(channel: discord.TextChannel | discord.Thread) -> bool:
    try:
        may = channel.permissions_for(channel.guild.me)
    except discord.ClientException:  # a thread whose channel is hidden
        return False
    return may.view_channel and may.read_message_history


async def _direct(client: discord.Client, people: Iterable[str]) -> list[discord.DMChannel]:
    """Discord tells a bot of no direct messages that it has missed; the channels of those who may use it are known."""
    found = []
    for person in list(people)[:MOST_PEOPLE]:
        try:
            found.append(await client.create_dm(discord.Object(int(person))))
        except (discord.HTTPException, ValueError):
            log.info("no direct messages with %s", person)
    return found


def _is_later(message: int | None, begin: datetime) -> bool:
    return message is not None and discord.utils.snowflake_time(message) >= begin
