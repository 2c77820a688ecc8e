"""Inbox of a platform: everything goes into the ledger first, is acted on once and in order, also after a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from bot.platforms.dispatcher import Dispatcher
from bot.platforms.protocol import MALFORMED, ChatClosed, ChatUnreachable, InboundMessage, ServerUnreachable
from bot.storage import Event
from bot.types import Delivery, Place

log = logging.getLogger(__name__)
FEW = 4
"""Messages that come together, about which is looked up beforehand what they will need."""
LONGEST = 100
"""Characters of an id that a platform may give its events."""


class Inbox:
    """Of one bot. A platform that may wait hands its messages to `take`, one that must not to `arrive` (and runs `serve`)."""

    def __init__(self, dispatcher: Dispatcher, backlog_minutes: float) -> None:
        self._dispatcher = dispatcher
        self._ledger = dispatcher.guards.ledger
        self._backlog = timedelta(minutes=backlog_minutes)
        self._arrived: asyncio.Queue[InboundMessage] = asyncio.Queue()
        self._opened = asyncio.Event()
        self._closed = False
        self.bot = ""
        """The ledger's name of the account, known after the login."""
        self.work = dispatcher.work

    @property
    def is_open(self) -> bool:
        """True from when what was left from before has been begun until the end."""
        return self._opened.is_set() and not self._closed

    @property
    def oldest(self) -> datetime:
        """What was said before this is not answered any more."""
        return datetime.now(UTC) - self._backlog

    async def open(self, bot: str) -> None:
        """Apologise for what is too old, go on with the rest, and take what is new from now on."""
        self.bot = bot
        await self._apologise()
        for event in await self._ledger.unfinished(bot):
            self._begin(event)
        self._opened.set()

    async def take(self, said: Sequence[InboundMessage]) -> None:
        """Into the ledger, all or none; what is new is begun. On return the platform may forget it.

        Raises:
            StateProblem: the database is out of order, and nothing was taken.
        """
        events = [event for one in said if (event := await self._event(one))]
        expected = [self._dispatcher.guards.expect(one.person, one.place) for one in said] if len(said) <= FEW else []
        taking = asyncio.gather(*expected)
        new = await self._ledger.take_many(events)
        await taking
        oldest = self.oldest
        fresh = [event for event in new if event.said >= oldest]
        if len(fresh) < len(new):
            await self._apologise()
        for event in fresh:
            self._begin(event)

    async def skip(self, id_: str, why: str) -> None:
        """What cannot be read is recorded and logged once, and holds up nothing."""
        known = id_ and id_.isascii() and len(id_) < LONGEST
        nowhere = Event(bot=self.bot, id=id_ if known else token_hex(8), place="", chat="")
        if await self._ledger.take(nowhere):
            log.warning("event %s of %s cannot be read and is left out: %s", nowhere.id, self.bot, why)
            await self._ledger.done(nowhere.key)

    def arrive(self, said: InboundMessage) -> bool:
        """Into the line for the ledger; False when nothing is taken any more."""
        if not self._closed:
            self._arrived.put_nowait(said)
        return not self._closed

    async def serve(self) -> None:
        """For ever: all that has arrived meanwhile is taken at once."""
        await self._opened.wait()
        while True:
            said = [await self._arrived.get()]
            while not self._arrived.empty():
                said.append(self._arrived.get_nowait())
            await self.take(said)
            for _ in said:
                self._arrived.task_done()

    async def deliver(self, place: Place, show: Callable[[], Awaitable[object]]) -> Delivery:
        """Show a page that nobody asked for."""
        if not self.is_open:
            return Delivery.NOT_NOW
        try:
            await show()
        except ChatClosed as error:
            log.info("%s is closed to the bot: %s", place.key, error)
            return Delivery.NEVER
        except (ChatUnreachable, ServerUnreachable) as error:
            log.info("not delivered to %s now: %s", place.key, error)
            return Delivery.NOT_NOW
        return Delivery.DELIVERED

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True

    async def finish(self) -> None:
        """What has come goes into the ledger; what has begun ends by itself (the runner lets the answers end)."""
        if self._opened.is_set():
            await self._arrived.join()
        await self.work.finish()

    async def cancel(self) -> None:
        self.close()
        await self.work.cancel()

    async def seen(self) -> int:
        """The number of the last event that was taken."""
        return await self._ledger.offset(self.bot)

    async def _event(self, said: InboundMessage) -> Event | None:
        """None for what is not meant for the bot, and for what no ledger takes."""
        try:
            return said.event(self.bot) if await self._dispatcher.is_meant(said) else None
        except MALFORMED as error:
            await self.skip(said.id, f"{type(error).__name__}: {error}")
            return None

    def _begin(self, event: Event) -> None:
        """In a chat everything is prepared in the order in which it came, which is the order in the place's line."""
        self.work.begin(self._dispatcher.act(event), after=event.chat)

    async def _apologise(self) -> None:
        """One line for each chat in which something is too old to be answered."""
        for event in await self._ledger.late(self.bot, self.oldest):
            self.work.begin(self._dispatcher.apologise(event), after=event.chat)
