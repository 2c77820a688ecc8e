"""A stream goes in; the same comes out, as long as each part of it comes in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from bot.settings import ModelSettings as ModelSettings

T = TypeVar("T")


async def in_time(stream: AsyncGenerator[T], settings: ModelSettings) -> AsyncGenerator[T]:
    """The items of `stream`: the first within `first_token_s`, each further one within `silence_s`, all within `total_s`.

    Raises:
        TimeoutError: one did not; the stream is closed, and with it the connection.
    """
    end, limit = time.monotonic() + settings.total_s, settings.first_token_s
    async with aclosing(stream):
        while True:
            try:
                async with asyncio.timeout(min(limit, end - time.monotonic())):
                    item = await anext(stream)
            except StopAsyncIteration:
                return
            limit = settings.silence_s
            yield item
