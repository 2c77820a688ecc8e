"""The events of a place come to the line of its questions in the order in which they were taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class ChannelQueue:
    """What is looked up before a question is asked takes now longer, now shorter; until it is asked, the next one waits."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, place: str) -> AsyncIterator[Callable[[], None]]:
        """Wait for those before; call what this gives to let the next one come, which the end does too."""
        lock = self._locks.setdefault(place, asyncio.Lock())
        await lock.acquire()
        held = True

        def let_go() -> None:
            nonlocal held
            if held:
                held = False
                lock.release()

        try:
            yield let_go
        finally:
            let_go()
