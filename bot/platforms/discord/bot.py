"""The platform: it logs in, hands on what the client tells, and ends when it is told to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord

from bot.backoff import Backoff, pause
from bot.commands import CommandRouter
from bot.middleware import Middleware
from bot.platforms.discord import slash_commands
from bot.platforms.discord.api import TROUBLE, DiscordApi
from bot.platforms.discord.channel import DiscordChannel
from bot.platforms.discord.client import (
    AWAY,
    DiscordClient,
    addressed,
    missed,
    raise_fault,
    since,
    stay_connected,
    told,
    use_gateway,
)
from bot.platforms.discord.parser import (
    PLATFORM,
    edited,
    is_our_thread,
    option_of,
    parse_interaction,
    parse_message,
    person_of,
    place_of,
)
from bot.platforms.discord.slash_commands import Completion
from bot.platforms.discord.targets import ThreadMoves, may_open_thread
from bot.platforms.dispatcher import Dispatcher
from bot.platforms.inbox import Inbox
from bot.platforms.protocol import MALFORMED, InboundKind, InboundMessage
from bot.settings import PlatformProblem, Settings
from bot.types import Ask, Delivery, Language, Page, Person, Place, language_of_locale

log = logging.getLogger(__name__)

THUMBS = {"👍": True, "👎": False}


class DiscordPlatform:
    """See `bot.cli.run.Platform`."""

    name = PLATFORM
    client_class: type[DiscordClient] = DiscordClient

    def __init__(
        self, *, settings: Settings, token: str, ask: Ask, controls: CommandRouter, guards: Middleware, names: Completion
    ) -> None:
        self._settings = settings
        self._token = token
        self._guards = guards
        self._names = names
        self._exchanges = ThreadMoves(settings.discord.threads)
        self._channel = DiscordChannel(settings.discord, self._exchanges, guards.ledger.is_unfinished)
        self._dispatcher = Dispatcher(channel=self._channel, ask=ask, controls=controls, guards=guards)
        self._inbox = Inbox(self._dispatcher, settings.access.backlog_minutes)
        self._language: Language | None = None if settings.language == "auto" else settings.language
        self._told_unread: set[str] = set()
        self._is_new = True
        self._since = datetime.now(UTC)
        self._client: DiscordClient | None = None

    # As a platform

    async def run(self, stop: asyncio.Event) -> None:
        with addressed(self._settings.discord.api_url):
            try:
                client = await self._logged_in(stop)
                if client:
                    await self._serve(client, stop)
            finally:
                self._names.close()
                await self._inbox.cancel()
                if self._client:
                    await self._client.close()

    @property
    def is_ready(self) -> bool:
        return self._inbox.is_open

    async def deliver(self, place: Place, page: Page) -> Delivery:
        return await self._inbox.deliver(place, lambda: self._channel.deliver(place, page, self._language or "zh"))

    # From the beginning to the end

    async def _logged_in(self, stop: asyncio.Event) -> DiscordClient | None:
        """Try until Discord answers; None when the program is to stop first."""
        backoff = Backoff()
        while not stop.is_set():
            self._client = client = self.client_class(self, self._settings.discord)
            self._channel.wire = DiscordApi(client)
            try:
                await self._log_in(client)
            except AWAY as error:
                await client.close()
                await pause(stop, told(error, backoff))
            else:
                return client
        return None

    async def _log_in(self, client: DiscordClient) -> None:
        try:
            await client.login(self._token)
        except discord.LoginFailure as error:
            raise PlatformProblem(
                "Discord refuses the token (discord.com/developers/applications › Bot › Reset Token makes a new one)"
            ) from error
        self._inbox.bot = f"{PLATFORM}:{self._me.id}"
        if self._settings.discord.api_url:
            await use_gateway(client)

    async def _serve(self, client: DiscordClient, stop: asyncio.Event) -> None:
        connection = asyncio.create_task(stay_connected(client))
        taking = asyncio.create_task(self._inbox.serve())
        asked: asyncio.Task[Any] = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({connection, asked, taking}, return_when=asyncio.FIRST_COMPLETED)
            self._inbox.close()
            for task in (connection, taking):
                if task.done():
                    raise_fault(task)
            if not stop.is_set():
                raise ConnectionError("the connection to Discord ended by itself")
            await self._inbox.finish()
        finally:
            for task in (connection, asked, taking):
                task.cancel()
            await asyncio.wait({connection, asked, taking})

    # What the client tells

    async def on_ready(self) -> None:
        """After the login, and again whenever events may have been missed."""
        client, first, self._is_new = self._connected, self._is_new, False
        last_seen = await self._inbox.seen()
        if first:
            await self._inbox.open(self._inbox.bot)
            self._inbox.work.begin(self._register(client))
        self._inbox.work.begin(self._catch_up(client, last_seen))

    async def on_message(self, message: discord.Message) -> None:
        said = await self._parsed(message)
        if said is None:
            return
        if said.unread and not said.text and said.place.thread:  # which is said once in a thread
            if said.place.key in self._told_unread:
                return
            if await self._dispatcher.may_ask(said.person, said.place):
                self._told_unread.add(said.place.key)
        if not is_our_thread(message.channel, self._me) and may_open_thread(message.channel) and said.text:
            said = self._moved(said)
        self._inbox.arrive(said)

    async def on_edit(self, message: discord.Message, at: datetime) -> None:
        """Answered where the first answer is: in the thread that was opened for it, if that is so."""
        said = await self._parsed(message)
        if said is None or not said.text:
            return
        if message.flags.has_thread:
            thread = await self._found(self._connected, discord.Object(id=message.id))
            if is_our_thread(thread, self._me):
                said = replace(said, place=replace(said.place, thread=said.message))
        self._inbox.arrive(edited(said, at))

    def on_interaction(self, interaction: discord.Interaction[Any]) -> Awaitable[None]:
        if interaction.type is discord.InteractionType.autocomplete:
            return self._complete(interaction)
        return self._acknowledge(interaction)

    async def on_reaction(self, event: discord.RawReactionActionEvent, *, taken_back: bool) -> None:
        """A thumb counts like the button of that name, also as a reaction."""
        good = THUMBS.get(str(event.emoji).rstrip("\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"))
        if good is None or event.user_id == self._me.id:
            return
        channel = self._connected.get_channel(event.channel_id) or discord.Object(id=event.channel_id)
        place = place_of(channel, event.guild_id)
        user = event.member or discord.Object(id=event.user_id)
        person = person_of(user, "zh") if isinstance(user, discord.Member) else Person(platform=PLATFORM, id=str(user.id))
        await self._dispatcher.rate(self._inbox.bot, place, str(event.message_id), person, good=None if taken_back else good)

    def on_malformed(self, event: str, data: Any, error: Exception) -> None:
        id_ = data.get("id") if isinstance(data, dict) else None
        why = f"{event}: {type(error).__name__}: {error}"
        self._inbox.work.begin(self._inbox.skip(f"{event} {id_}"[:100] if id_ else "", why))

    # What was said meanwhile

    async def _catch_up(self, client: DiscordClient, last_seen: int) -> None:
        try:
            begin = since(last_seen, self._inbox.oldest)
            async for message in missed(client, begin, await self._people()):
                await self._catch(client, message)
        except (discord.HTTPException, *TROUBLE) as error:
            log.warning("what was said meanwhile could not be read: %s", str(error) or type(error).__name__)

    async def _catch(self, client: DiscordClient, message: discord.Message) -> None:
        """A question that nobody took; from people who may ask only, the others were told before or never will be."""
        if message.author.id == self._me.id:
            if message.flags.loading and message.created_at < self._since and message.interaction_metadata:
                key = f"{self._inbox.bot}:{message.interaction_metadata.id}"
                await self._channel.mend(message, key, self._language or "zh")
            return
        said = self._read(message)
        if said and said.addressed and said.text and await self._dispatcher.may_ask(said.person, said.place):
            self._inbox.arrive(said)

    async def _people(self) -> list[str]:
        settings = self._settings.discord
        listed = await self._guards.door.people.listed(PLATFORM)
        let_in = [one.id for one in listed if one.allowed and one.kind in ("admin", "user")]
        return list(dict.fromkeys((*settings.admins, *settings.allowed_users, *let_in)))

    # Interactions

    async def _acknowledge(self, interaction: discord.Interaction[Any]) -> None:
        """First of all Discord is told that it was heard, within its 3 s; the ledger is told at the same time."""
        said = parse_interaction(interaction, self._language, slash_commands.is_private(interaction))
        if said is None or not self._inbox.arrive(said):
            return
        thinks = said.kind is not InboundKind.PRESS
        first, message = self._channel.will_be_acknowledged(said.id), ""
        try:
            made = await interaction.response.defer(thinking=thinks, ephemeral=said.private)
            message = str(made.message_id or "") if made and thinks else ""
        except (discord.HTTPException, *TROUBLE) as error:
            log.warning("an interaction was not acknowledged: %s", error)
        finally:
            first.set_result(message)

    async def _complete(self, interaction: discord.Interaction[Any]) -> None:
        """Names of notes are for those only who may ask."""
        from discord.app_commands import Choice

        person = person_of(interaction.user, language_of_locale(str(interaction.locale)))
        place = place_of(interaction.channel or discord.Object(id=0), interaction.guild_id)
        typed = option_of(interaction.data or {})[1]
        names = await self._names.choices(typed) if await self._dispatcher.may_ask(person, place) else ()
        try:
            await interaction.response.autocomplete([Choice(name=name, value=name) for name in names])
        except (discord.HTTPException, *TROUBLE) as error:
            log.info("no choices were offered: %s", error)

    # Steps

    def _moved(self, said: InboundMessage) -> InboundMessage:
        """Its answer opens a thread, which will have the message's id, when the exchange has become long."""
        if not self._exchanges.moves(said.place.chat):
            return said
        return replace(said, opens=True, place=replace(said.place, thread=said.message))

    async def _register(self, client: DiscordClient) -> None:
        try:
            changed = await slash_commands.register(client)
            log.info("commands %s", "registered" if changed else "unchanged")
        except (discord.HTTPException, *TROUBLE):
            log.exception("the commands could not be registered")

    def _read(self, message: discord.Message) -> InboundMessage | None:
        try:
            return parse_message(message, self._me, self._language, reads_all=self._settings.discord.message_content)
        except MALFORMED as error:
            self.on_malformed("MESSAGE", {"id": message.id}, error)
            return None

    async def _parsed(self, message: discord.Message) -> InboundMessage | None:
        if isinstance(message.channel, discord.PartialMessageable) and message.guild:
            message.channel = await self._found(self._connected, message.channel)
        said = self._read(message)
        return said if said and await self._dispatcher.is_meant(said) else None

    async def _found(self, client: DiscordClient, channel: Any) -> Any:
        try:
            return await client.fetch_channel(channel.id)
        except discord.HTTPException:
            return channel

    @property
    def _connected(self) -> DiscordClient:
        if self._client is None:
            raise RuntimeError("not running")
        return self._client

    @property
    def _me(self) -> discord.ClientUser:
        user = self._connected.user
        if user is None:
            raise RuntimeError("not logged in")
        return user
