"""Tasks of a platform, in order where they have a key."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

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
