"""The fake's time and the ids that are made of it. A test may let hours pass at once; nothing here sleeps."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime

EPOCH = 1_420_070_400_000
"""Milliseconds: where Discord's ids begin to count."""


class Clock:
    """Seconds since 1970 as Discord sees them."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._count = itertools.count(1)

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let this much time pass at once."""
        self._ahead += seconds

    def snowflake(self) -> int:
        """An id that is higher than every id before it, and that tells when it was made."""
        return (int(self.now() * 1000) - EPOCH) << 22 | next(self._count) & 0x3FFFFF

    def stamp(self) -> str:
        return stamp(self.now())


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def born(snowflake: int) -> float:
    """When a thing with this id was made, in seconds since 1970."""
    return ((snowflake >> 22) + EPOCH) / 1000
