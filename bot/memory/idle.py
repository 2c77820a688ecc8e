"""Work for the model goes in; it is done while nobody waits for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 2
"""How often the same work gives way to a question before it is finished all the same."""
LONGEST_WAIT_S = 60.0


class Disturbed(Exception):
    """Somebody asked; the work is to be begun again later."""


class IdleGate:
    """One piece of work at a time, begun after a silence and given up for a question."""

    def __init__(self, quiet_s: float, *, clock: Callable[[], float]) -> None:
        self._quiet_s = quiet_s
        self._clock = clock
        self._asked = -quiet_s
        self._work: asyncio.Task[object] | None = None
        self._disturbed = 0

    def disturb(self) -> None:
        """Somebody asks."""
        self._asked = self._clock()
        if self._work and not self._work.done() and self._disturbed < PATIENCE:
            self._disturbed += 1
            self._work.cancel()

    async def wait(self) -> None:
        """Until nobody has asked for a while; not for ever."""
        patience = self._clock() + LONGEST_WAIT_S
        while (left := self._asked + self._quiet_s - self._clock()) > 0 and self._clock() < patience:  # noqa: ASYNC110
            await asyncio.sleep(min(left, 0.5))

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work.

        Raises:
            Disturbed: it was given up for a question.
        """
        task = asyncio.ensure_future(work())
        self._work = task
        try:
            result = await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                task.cancel()
                raise
            raise Disturbed from None
        finally:
            self._work = None
        self._disturbed = 0
        return result
