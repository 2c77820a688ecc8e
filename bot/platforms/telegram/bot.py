"""The Telegram bot as a whole: it logs in, takes what comes into the ledger, has it acted on, and ends in good order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from telegram import Update

import prompts
from bot.commands import CommandRouter
from bot.middleware import Middleware
from bot.platforms.protocol import ChatClosed, ChatUnreachable, ServerUnreachable
from bot.platforms.telegram.answers import TelegramAnswers, TelegramTasks
from bot.platforms.telegram.client import TelegramClient
from bot.platforms.telegram.drafts import DraftSession
from bot.platforms.telegram.long_poll import log_in, poll
from bot.platforms.telegram.menus import register_commands
from bot.platforms.telegram.pages import PageSender
from bot.platforms.telegram.parser import PLATFORM, person_of, place_named, place_of, speaker_of, target_of
from bot.platforms.telegram.rate_limiter import Rates, RequestPacer
from bot.platforms.telegram.responder import TelegramResponder
from bot.platforms.telegram.sender import MessageSender
from bot.platforms.telegram.updates import UpdateParser
from bot.settings import Settings
from bot.storage import Event, EventState, TurnStore
from bot.types import Ask, Delivery, Language, Page, Place

log = logging.getLogger(__name__)
FEW = 4
"""Messages that come together."""


def connect(
    *, settings: Settings, token: str, ask: Ask, controls: CommandRouter, guards: Middleware, state: TurnStore
) -> TelegramBot:
    """See `bot.cli.run`."""
    return TelegramBot(settings=settings, token=token, ask=ask, controls=controls, guards=guards, state=state)


class TelegramBot:
    """One bot; `run` serves until it is told to stop."""

    name = PLATFORM

    def __init__(
        self,
        *,
        settings: Settings,
        token: str,
        ask: Ask,
        controls: CommandRouter,
        guards: Middleware,
        state: TurnStore,
        rates: Rates | None = None,
    ) -> None:
        telegram = settings.telegram
        self._settings = settings
        self._guards = guards
        self._controls = controls
        self._ledger = guards.ledger
        self._language: Language = "en" if settings.language == "en" else "zh"
        self._client = TelegramClient(token, telegram)
        rates = rates or Rates(edit_every=telegram.edit_seconds, group_edit_every=telegram.group_edit_seconds)
        pacer = RequestPacer(rates)
        self._speaker = MessageSender(self._client.bot, pacer, on_migrated=self._migrated)
        sketching = DraftSession(self._client.bot, pacer, wanted=telegram.drafts, every_s=rates.edit_every)
        self._showing = PageSender(self._speaker)
        self._work = TelegramTasks()
        self.is_ready = False
        self._acting = TelegramResponder(
            bot=self._client.bot,
            answering=TelegramAnswers(
                ask=ask,
                controls=controls,
                guards=guards,
                state=state,
                speaker=self._speaker,
                sketching=sketching,
                work=self._work,
            ),
            controls=controls,
            guards=guards,
            speaker=self._speaker,
            showing=self._showing,
            work=self._work,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; see `bot.cli.run.Platform`."""
        try:
            if await log_in(self._client.bot, stop, self._language):
                self.is_ready = True
                await self._serve(stop)
        finally:
            self.is_ready = False
            await self._work.cancel()
            await self._client.close()

    async def deliver(self, place: Place, page: Page) -> Delivery:
        """Show a page that nobody asked for."""
        if not self.is_ready:
            return Delivery.NOT_NOW
        try:
            await self._showing.show(target_of(place), page)
        except ChatClosed as error:
            log.info("%s is closed to the bot: %s", place.key, error)
            return Delivery.NEVER
        except (ChatUnreachable, ServerUnreachable) as error:
            log.info("not delivered to %s now: %s", place.key, error)
            return Delivery.NOT_NOW
        return Delivery.DELIVERED

    async def _serve(self, stop: asyncio.Event) -> None:
        me = self._client.bot.bot
        key = f"{PLATFORM}:{me.id}"
        arriving = UpdateParser(
            key=key,
            me=me,
            guards=self._guards,
            controls=self._controls,
            everything=frozenset(self._settings.telegram.answer_all_in),
            migrated=self._migrated,
            acting=self._acting,
            work=self._work,
        )
        log.info("@%s serves Telegram", me.username)
        self._work.begin(register_commands(self._client.bot, self._settings.telegram.admins))
        await self._apologise(key)
        for event in await self._ledger.unfinished(key):
            self._begin(event)
        take = partial(self._take, arriving)
        if self._settings.telegram.webhook.url:
            from bot.platforms.telegram.webhook import listen

            await listen(self._client.bot, self._settings.telegram.webhook, take, stop, self._language)
        else:
            await poll(self._client.bot, take, stop, self._language)
        await self._work.finish()

    async def _take(self, arriving: UpdateParser, updates: Sequence[Update]) -> None:
        """Into the ledger first; whoever calls confirms the updates when this has returned."""
        arrived = [event for update in updates if (event := await arriving.event_of(update))]
        new, *_ = await asyncio.gather(self._ledger.take_many(arrived), *self._expected(updates))
        fresh = [event for event in new if event.said >= self._oldest()]
        if len(fresh) < len(new):
            await self._apologise(arriving.key)
        for event in fresh:
            self._begin(event)

    def _expected(self, updates: Sequence[Update]) -> list[Coroutine[Any, Any, None]]:
        """Of a few; many are looked up when their turn comes."""
        messages = [update.message for update in updates if update.message]
        return [self._guards.expect(speaker_of(one), place_of(one)) for one in messages] if len(messages) <= FEW else []

    def _begin(self, event: Event) -> None:
        """In a chat everything is prepared in the order in which it came, which is the order in the place's line."""
        self._work.begin(self._acting.act(event), after=event.chat)

    def _oldest(self) -> datetime:
        return datetime.now(UTC) - timedelta(minutes=self._settings.access.backlog_minutes)

    async def _apologise(self, key: str) -> None:
        """One line for each chat in which something is too old to be answered, if whoever said it may use the bot."""
        for event in await self._ledger.late(key, self._oldest()):
            self._work.begin(self._say_late(event), after=event.chat)

    async def _say_late(self, event: Event) -> None:
        update = Update.de_json(dict(event.payload), self._client.bot)
        place, message = place_named(event.place), update.message or update.edited_message
        person = speaker_of(message) if message else person_of(update.effective_user)
        decision = await self._guards.door.decide(person, place)
        late = prompts.load("access").say("late", await self._controls.language(person, place))
        line = late if decision.allowed else decision.line
        if line:
            await self.deliver(place, Page(text=line))
        await self._ledger.done(event.key, EventState.APOLOGISED)

    async def _migrated(self, old: int, new: int) -> None:
        """A group became a supergroup: what is kept of it goes along. Told twice, there is nothing left to move."""
        self._speaker.moved(old, new)
        before, after = (Place(platform=PLATFORM, chat=str(chat), private=False) for chat in (old, new))
        await self._guards.move(before, after)
        log.info("the group %d is %d now", old, new)
