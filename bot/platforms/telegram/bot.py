"""The Telegram bot as a whole: it logs in, hands on what comes, and ends in good order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from telegram import InlineQuery, Message, MessageReactionUpdated, Update

from bot.commands import CommandRouter
from bot.middleware import Middleware
from bot.platforms.dispatcher import KNOWN, Dispatcher
from bot.platforms.inbox import Inbox
from bot.platforms.protocol import MALFORMED, InboundMessage
from bot.platforms.telegram.channel import TelegramChannel, offer
from bot.platforms.telegram.client import TelegramClient, register_commands
from bot.platforms.telegram.parser import (
    PLATFORM,
    parse_message,
    parse_press,
    person_of,
    place,
    place_of_draft,
    target_of,
    verdict_of,
)
from bot.platforms.telegram.rate_limiter import Rates, RequestPacer
from bot.platforms.telegram.renderer import DraftSession
from bot.platforms.telegram.sender import MessageSender
from bot.platforms.telegram.updates import listen, log_in, number_of, poll
from bot.settings import Settings
from bot.storage import TurnStore
from bot.types import Ask, Delivery, Language, Page, Person, Place

log = logging.getLogger(__name__)
STOPPED = "stopped_message_generation"
"""An update of Bot API 10.3 that the library does not know yet."""


def connect(
    *, settings: Settings, token: str, ask: Ask, controls: CommandRouter, guards: Middleware, state: TurnStore
) -> TelegramBot:
    """See `bot.platforms.protocol.Connect`."""
    return TelegramBot(settings=settings, token=token, ask=ask, controls=controls, guards=guards)


class TelegramBot:
    """One bot; `run` serves until it is told to stop."""

    name = PLATFORM

    def __init__(
        self, *, settings: Settings, token: str, ask: Ask, controls: CommandRouter, guards: Middleware, rates: Rates | None = None
    ) -> None:
        telegram = settings.telegram
        self._settings = settings
        self._guards = guards
        self._controls = controls
        self._language: Language = "en" if settings.language == "en" else "zh"
        self._client = TelegramClient(token, telegram)
        rates = rates or Rates(edit_every=telegram.edit_seconds, group_edit_every=telegram.group_edit_seconds)
        pacer = RequestPacer(rates)
        self._speaker = MessageSender(self._client.bot, pacer, on_migrated=self._migrated)
        drafts = DraftSession(self._client.bot, pacer, wanted=telegram.drafts, every_s=rates.edit_every)
        self._channel = TelegramChannel(self._client.bot, self._speaker, drafts)
        everywhere = frozenset(telegram.answer_all_in)
        self._dispatcher = Dispatcher(channel=self._channel, ask=ask, controls=controls, guards=guards, everywhere=everywhere)
        self._inbox = Inbox(self._dispatcher, settings.access.backlog_minutes)

    @property
    def is_ready(self) -> bool:
        return self._inbox.is_open

    async def run(self, stop: asyncio.Event) -> None:
        try:
            if await log_in(self._client.bot, stop, self._language):
                await self._serve(stop)
        finally:
            await self._inbox.cancel()
            await self._client.close()

    async def deliver(self, place: Place, page: Page) -> Delivery:
        return await self._inbox.deliver(place, lambda: self._channel.put(target_of(place), page))

    async def _serve(self, stop: asyncio.Event) -> None:
        me = self._client.bot.bot
        log.info("@%s serves Telegram", me.username)
        self._inbox.work.begin(register_commands(self._client.bot, self._settings.telegram.admins))
        await self._inbox.open(f"{PLATFORM}:{me.id}")
        if self._settings.telegram.webhook.url:
            await listen(self._client.bot, self._settings.telegram.webhook, self._take, stop, self._language)
        else:
            await poll(self._client.bot, self._take, stop, self._language)
        await self._inbox.finish()

    # What comes

    async def _take(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Into the ledger first; whoever calls confirms the updates when this has returned. Each is read by itself."""
        said = []
        for update in updates:
            try:
                known = Update.de_json(dict(update), self._client.bot)
                one = self._parsed(known)
            except MALFORMED as error:
                await self._inbox.skip(str(number_of(update) or ""), f"{type(error).__name__}: {error}")
                continue
            said += [one] if one else []
            await self._heed(known)
        await self._inbox.take(said)

    def _parsed(self, update: Update) -> InboundMessage | None:
        press, message = update.callback_query, update.message or update.edited_message
        if message:
            edited = update.message is None
            return parse_message(message, self._client.bot.bot, update=update.update_id, edited=edited, commands=KNOWN)
        return parse_press(press, press.message, update=update.update_id) if press and press.message else None

    async def _heed(self, update: Update) -> None:
        """What is no message: a group that moves, a reaction, a draft that is stopped, words for another chat."""
        if update.message:
            await self._follow(update.message)
        if update.message_reaction:
            await self._rate(update.message_reaction)
        if stopped := update.api_kwargs.get(STOPPED):  # in a private chat, whose number is the person's
            where = place_of_draft(stopped)
            await self._guards.stop(where, Person(platform=PLATFORM, id=where.chat))
        if update.inline_query:
            self._inbox.work.begin(self._offer(update.inline_query))

    async def _rate(self, reaction: MessageReactionUpdated) -> None:
        good, says = verdict_of(reaction)
        if says and reaction.user:
            where, message = place(reaction.chat), str(reaction.message_id)
            await self._dispatcher.rate(self._inbox.bot, where, message, person_of(reaction.user), good=good)

    async def _offer(self, query: InlineQuery) -> None:
        person = person_of(query.from_user)
        where = Place(platform=PLATFORM, chat=person.id)
        allowed = await self._dispatcher.may_ask(person, where)
        await offer(query, self._controls, await self._controls.language(person, where), allowed=allowed)

    async def _follow(self, message: Message) -> None:
        if message.migrate_to_chat_id:
            await self._migrated(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            await self._migrated(message.migrate_from_chat_id, message.chat.id)

    async def _migrated(self, old: int, new: int) -> None:
        """A group became a supergroup: what is kept of it goes along. Told twice, there is nothing left to move."""
        self._speaker.moved(old, new)
        before, after = (Place(platform=PLATFORM, chat=str(chat), private=False) for chat in (old, new))
        await self._guards.move(before, after)
        log.info("the group %d is %d now", old, new)
