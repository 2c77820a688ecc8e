"""Signs of an answer in the making: the typing indicator, and drafts that grow and leave nothing behind."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import blake2b

from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.markup import Rich
from bot.platforms.telegram.errors import seconds_of
from bot.platforms.telegram.parser import Target
from bot.platforms.telegram.rate_limiter import RequestPacer
from bot.platforms.telegram.sender import MessageSender, entities_of

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


log = logging.getLogger(__name__)
STOPPABLE = {"can_stop": True}
"""The app shows a button (Bot API 10.3); an older server does not look at this. A press comes as `stopped_message_generation`."""


class DraftSession:
    """The drafts of one bot."""

    def __init__(self, bot: Bot, pacer: RequestPacer, *, wanted: bool, every_s: float) -> None:
        self._bot = bot
        self._pacer = pacer
        self._wanted = wanted
        self._every_s = every_s

    def sketch(self, to: Target, event: str) -> Draft | None:
        """The draft of an answer to an event; None where there are none."""
        return Draft(self, to, _number(event)) if self._wanted and to.private else None

    async def put(self, to: Target, number: int, rich: Rich) -> bool:
        """False when the server will not have it; what passes by itself is left for the next time."""
        try:
            await self._bot.send_message_draft(
                to.chat, number, rich.text, message_thread_id=to.thread, entities=entities_of(rich), api_kwargs=STOPPABLE
            )
        except InvalidToken:  # a method that the server does not know is "not found", as a token is
            self._wanted = False
            log.info("the server knows no drafts; answers grow by edits")
            return False
        except (BadRequest, Forbidden) as error:
            log.info("a draft was refused in %d: %s", to.chat, error)
            return False
        except RetryAfter as error:
            self._pacer.hold(to.chat, seconds_of(error) + 0.1)
        except NetworkError as error:
            log.info("a draft was not shown in %d: %s", to.chat, error)
        return True

    def may_put(self, to: Target, last: float) -> bool:
        return time.monotonic() - last >= self._every_s and not self._pacer.is_held(to.chat)


class Draft:
    """The draft of one answer."""

    def __init__(self, sketching: DraftSession, to: Target, number: int) -> None:
        self._sketching = sketching
        self._to = to
        self._number = number
        self._last = float("-inf")
        self.refused = False

    async def draw(self, rich: Rich) -> bool:
        """Show it, or leave it out when the last one was a moment ago; False when drafts are refused."""
        if not self.refused and self._sketching.may_put(self._to, self._last):
            self.refused = not await self._sketching.put(self._to, self._number, rich)
            self._last = time.monotonic()
        return not self.refused


def _number(event: str) -> int:
    """The same for the same event, so that the draft goes on after a restart; never 0."""
    return int.from_bytes(blake2b(event.encode(), digest_size=4).digest()) >> 1 or 1
