"""Work goes in with a key; work of the same key is done one after the other, in the order in which it came."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)
Work = Coroutine[Any, Any, None]


class KeyedTaskQueue:
    """Everything that is being done for one bot; what breaks is logged, and holds up nothing."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Work, *, after: str = "") -> None:
        """Do this now, or after all that was begun with the same key."""
        task = asyncio.create_task(_after(self._last.get(after) if after else None, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if after:
            self._last[after] = task
            task.add_done_callback(lambda done: self._forget(after, done))

    async def finish(self) -> None:
        """Return when everything is done, also what the work itself begins."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def cancel(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await self.finish()

    def __len__(self) -> int:
        return len(self._tasks)

    def _forget(self, key: str, done: asyncio.Task[None]) -> None:
        if self._last.get(key) is done:
            del self._last[key]


async def _after(before: asyncio.Task[None] | None, work: Work) -> None:
    """The outermost edge of everything that comes from a chat."""
    try:
        if before:
            await asyncio.wait({before})
    except asyncio.CancelledError:
        work.close()
        raise
    try:
        await work
    except Exception:
        log.exception("something from a chat could not be dealt with")
