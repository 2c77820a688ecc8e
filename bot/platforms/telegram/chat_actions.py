"""Chats in which something is being answered go in; they show that the bot is typing, once for each, however many wait there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.platforms.telegram.chats import Target
from bot.platforms.telegram.sender import MessageSender

AFTER_S, AGAIN_S = 0.5, 4.5
"""Telegram shows it for 5 seconds; what is answered at once needs none."""
IsReadable = Callable[[], bool]


class TypingIndicator:
    """All chats of one bot."""

    def __init__(self, speaker: MessageSender) -> None:
        self._speaker = speaker
        self._waiting: dict[Target, list[IsReadable]] = {}
        self._shown: dict[Target, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def shown(self, to: Target, is_readable: IsReadable) -> AsyncIterator[None]:
        """While the block runs, unless `is_readable` tells that there are words already: those of the oldest block count."""
        waiting = self._waiting.setdefault(to, [])
        waiting.append(is_readable)
        if to not in self._shown:
            self._shown[to] = asyncio.create_task(self._show(to, waiting))
        try:
            yield
        finally:
            waiting.remove(is_readable)
            if not waiting:
                del self._waiting[to]
                task = self._shown.pop(to)
                task.cancel()
                await asyncio.wait({task})

    async def _show(self, to: Target, waiting: list[IsReadable]) -> None:
        await asyncio.sleep(AFTER_S)
        while True:
            if not waiting[0]():
                await self._speaker.type(to)
            await asyncio.sleep(AGAIN_S)
