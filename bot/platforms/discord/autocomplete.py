"""What `/source` and `/quiz` offer while somebody types: notes and headings, read once in a while and then kept in memory."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable

log = logging.getLogger(__name__)

FRESH_S = 60.0
"""After this the notes are read again, behind the answer that is given from what is known."""
FIRST_S = 1.5
"""How long the first answer waits for the notes."""
CHOICES = 25
NAME = 100
"""Discord's limits (https://discord.com/developers/docs/interactions/application-commands#autocomplete)."""

Read = Callable[[], Awaitable[Iterable[str]]]


class Completion:
    """Names from the notes."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._names: tuple[tuple[str, str], ...] = ()
        self._read_at = -FRESH_S
        self._reading: asyncio.Task[None] | None = None

    async def choices(self, typed: str) -> tuple[str, ...]:
        """At most 25 names that hold what was typed, those that begin with it first."""
        if time.monotonic() - self._read_at >= FRESH_S and self._reading is None:
            self._reading = asyncio.create_task(self._renew())
        if not self._names and self._reading:
            await asyncio.wait({self._reading}, timeout=FIRST_S)
        return chosen(self._names, typed)

    def close(self) -> None:
        if self._reading:
            self._reading.cancel()

    async def _renew(self) -> None:
        try:
            names = await self._read()
            self._names = await asyncio.to_thread(_folded, names)
            self._read_at = time.monotonic()
        except Exception:
            log.exception("the notes' names could not be read")
        finally:
            self._reading = None


def chosen(names: Iterable[tuple[str, str]], typed: str) -> tuple[str, ...]:
    """Folded names with their spelling go in, in the order of the notes."""
    wanted = typed.strip().casefold()
    begin: list[str] = []
    hold: list[str] = []
    for folded, name in names:
        if folded.startswith(wanted):
            begin.append(name)
            if len(begin) == CHOICES:
                break
        elif wanted in folded and len(hold) < CHOICES:
            hold.append(name)
    return tuple((begin + hold)[:CHOICES])


def _folded(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    shown = dict.fromkeys(cut for name in names if (cut := " ".join(name.split())[:NAME].strip()))
    return tuple((name.casefold(), name) for name in shown)
