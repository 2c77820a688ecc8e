"""A request as the fake saw it, and the waiting for things to happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True, eq=False)
class Received:
    """A request, and what became of it."""

    at: float
    """Seconds since 1970, by the fake's clock."""
    method: str
    path: str
    route: str = ""
    """The method and the path with names for ids: `POST /channels/{channel_id}/messages`; empty when there is no such route."""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: Mapping[str, tuple[str, bytes, str]] = field(default_factory=dict)
    status: int = 0
    """What it was answered; 0 while, and if, it was not."""
    answer: Any = None

    @property
    def refused(self) -> bool:
        return self.status >= 400


class Pulse:
    """Wakes whoever waits whenever something happened."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def beat(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, true: Callable[[], object], within: float = 5) -> None:
        """Return as soon as it is true. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not true():
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.add(future)
                try:
                    await future
                finally:
                    self._waiting.discard(future)
