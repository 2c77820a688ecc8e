"""Capped exponential backoff with jitter: how long to wait before something that failed is tried again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress

LONGEST_S = 30.0
"""What is away for hours is noticed half a minute after it is back."""
SPREAD = 0.5
"""A wait is at least this share of its step; the rest is chance, so that many who lost one server do not come back at once."""


class Backoff:
    """The waits of one thing that is tried again and again; they begin anew when it went well for long enough."""

    def __init__(
        self,
        *,
        first: float = 1.0,
        longest: float = LONGEST_S,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._clock = clock
        self._step = first
        self._due = float("-inf")

    def delay(self) -> float:
        """Seconds to wait before the next try."""
        now = self._clock()
        if now - self._due > 2 * self._longest:
            self.reset()
        step, self._step = self._step, min(2 * self._step, self._longest)
        wait = step * (SPREAD + (1 - SPREAD) * self._chance())
        self._due = now + wait
        return wait

    def reset(self) -> None:
        """It went well: the next failure is a first one."""
        self._step = self._first


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
