"""The server's clock, which a test can move forward."""

from __future__ import annotations

import time


class Clock:
    """Seconds since 1970."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
