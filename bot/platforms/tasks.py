"""Tasks of a platform, in order where they have a key; and what is being done about each message."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from bot.platforms.protocol import Deed
from bot.storage import Event
from bot.types import Place

Work = Coroutine[Any, Any, None]


class KeyedTaskQueue:
    """Everything that is being done for one bot."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Work, *, after: str = "") -> asyncio.Task[None]:
        """Do this now, or after all that was begun with the same key."""
        task = asyncio.create_task(_after(self._last.get(after) if after else None, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # one that was cancelled before it began is begun by nobody
        if after:
            self._last[after] = task
            task.add_done_callback(lambda done: self._forget(after, done))
        return task

    async def finish(self) -> None:
        """Return when everything is done, also what the work itself begins."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def cancel(self) -> None:
        """End everything at once; the ledger keeps it for the next start."""
        for task in list(self._tasks):
            task.cancel()
        await self.finish()

    def __len__(self) -> int:
        return len(self._tasks)

    def _forget(self, key: str, done: asyncio.Task[None]) -> None:
        if self._last.get(key) is done:
            del self._last[key]


async def _after(before: asyncio.Task[None] | None, work: Work) -> None:
    if before:
        await asyncio.wait({before})
    await work


@dataclass(kw_only=True)
class RunningDeed:
    """What is being done about an event: edits of its message wait for the end of that."""

    key: str
    place: Place
    did: Deed
    works: int = 1
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class RunningDeeds:
    """By their events, and for each message the last one that took it on."""

    def __init__(self) -> None:
        self._by_event: dict[str, RunningDeed] = {}
        self._by_message: dict[str, RunningDeed] = {}

    def __len__(self) -> int:
        return len(self._by_event)

    def start(self, event: Event, place: Place, did: Deed) -> None:
        self._by_event[event.key] = RunningDeed(key=event.key, place=place, did=did)

    def of(self, event: Event) -> RunningDeed:
        return self._by_event[event.key]

    def before(self, event: Event) -> RunningDeed | None:
        """What is being done about the event's message since before it."""
        return self._by_message.get(_message(event))

    def take_over(self, event: Event) -> None:
        """From now on this event is what its message does."""
        self._by_message[_message(event)] = self.of(event)

    def count_down(self, event: Event) -> None:
        """One of its works has ended; with the last one it has ended itself."""
        mine = self.of(event)
        mine.works -= 1
        if not mine.works:
            mine.ended.set()
            del self._by_event[event.key]
            if self.before(event) is mine:
                del self._by_message[_message(event)]


def _message(event: Event) -> str:
    """What an edit knows its message by; events that are no message have only themselves."""
    return f"{event.chat} {event.message}" if event.message else event.key
