"""Inbox: events are recorded in order of arrival, and new ones are handled to the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import discord

from bot.platforms.discord.api import TROUBLE, ChannelUnreachable
from bot.platforms.discord.parser import DiscordEvent
from bot.platforms.discord.responder import DiscordResponder
from bot.storage import Event, EventState, Ledger

log = logging.getLogger(__name__)


class EventInbox:
    """Everything that is being acted on."""

    bot: str = ""
    """The ledger's name of the account, known after the login."""

    def __init__(self, ledger: Ledger, acting: DiscordResponder, backlog: timedelta) -> None:
        self._ledger = ledger
        self._acting = acting
        self._backlog = backlog
        self._arrived: asyncio.Queue[Event] = asyncio.Queue()
        self._acknowledged: dict[str, asyncio.Future[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._closed = False

    @property
    def is_open(self) -> bool:
        """True from when what was left from before has been begun until the end."""
        return self._open.is_set() and not self._closed

    def arrive(self, heard: DiscordEvent, id_: int) -> bool:
        """Into the line for the ledger; False when nothing is taken any more."""
        if not self._closed:
            self._arrived.put_nowait(heard.event(self.bot, id_))
        return not self._closed

    def will_be_acknowledged(self, id_: int) -> asyncio.Future[str]:
        """Nothing is said in answer to an interaction before this is set, to the id of its "is thinking…" if it has one."""
        self._acknowledged[str(id_)] = first = asyncio.get_running_loop().create_future()
        return first

    async def begin(self) -> None:
        """Apologise for what is too old, go on with the rest, and take what is new from now on."""
        oldest = datetime.now(UTC) - self._backlog
        for event in await self._ledger.late(self.bot, oldest):
            self.start(self._say_late(event))
        for event in await self._ledger.unfinished(self.bot):
            self.start(self._act(event))
        self._open.set()

    async def take(self) -> None:
        """For ever: all that has come meanwhile goes into the ledger at once."""
        await self._open.wait()
        while True:
            events = [await self._arrived.get()]
            while not self._arrived.empty():
                events.append(self._arrived.get_nowait())
            new = await self._ledger.take_many(events)
            for event in new:
                self.start(self._act(event))
            for event in events:
                self._arrived.task_done()
                if event not in new:
                    self._acknowledged.pop(event.id, None)

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do it beside everything else; the end waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True

    async def finish(self) -> None:
        """What has come goes into the ledger; what has begun ends by itself (the runner lets the answers end)."""
        if self._open.is_set():
            await self._arrived.join()
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def cancel(self) -> None:
        """End everything at once; the ledger keeps it for the next start."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(set(self._tasks))

    # One event

    async def _act(self, event: Event) -> None:
        """The outermost edge: a fault is logged, said in a line, and ends the event; a network that is away leaves it open."""
        heard = DiscordEvent.of(event.payload)
        try:
            await self._acting.act(await self._with_response(event), heard)
        except ChannelUnreachable as error:
            log.info("%s: nothing can be said there (%s)", event.place, error)
            await self._ledger.done(event.key)
        except (discord.DiscordServerError, *TROUBLE):
            log.warning("%s: Discord cannot be reached; the event is acted on after the next start", event.place)
        except Exception:
            error_id = token_hex(4)
            log.exception("error %s: an event in %s", error_id, event.place)
            await self._acting.apologise(event, heard, error_id)
            await self._ledger.done(event.key)

    async def _with_response(self, event: Event) -> Event:
        """The event with the message that says "is thinking…", which its answer is drawn into, also after a restart."""
        acknowledged = self._acknowledged.pop(event.id, None)
        message = await acknowledged if acknowledged else ""
        if not message:
            return event
        await self._ledger.answering(event, [message])
        return replace(event, outbound=(message,))

    async def _say_late(self, event: Event) -> None:
        try:
            await self._acting.say_late(event, DiscordEvent.of(event.payload))
        except (ChannelUnreachable, discord.HTTPException, *TROUBLE) as error:
            log.info("%s: no apology (%s)", event.place, type(error).__name__)
        await self._ledger.done(event.key, EventState.APOLOGISED)
