"""Erasure of deleted words from SQLite's log of changes, which keeps them until nobody reads it any more.

What is owed is a row, put in by the transaction that deletes; so a kill between the two leaves it to the next start. Whoever
asked is told when it is done: their place is noted in the row, taken out again when they were told, and the row itself goes
only when the log was emptied once more after that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from bot.storage.database import Database, reading, writing
from bot.storage.faults import now
from bot.storage.schema import erasures
from bot.types import Language, Place

FIRST_S, LONGEST_S = 0.5, 30.0
"""Seconds between two tries, twice as long after each; a try keeps writers waiting for a moment."""
STALE = timedelta(days=1)
"""Nobody waits any longer than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Something deleted whose bytes are still owed; `place` is where somebody waits to hear of it."""

    id: int
    place: Place | None
    language: Language
    at: datetime


Tell = Callable[[Place, Language], Awaitable[bool]]
"""Say that it is done; False when another program has to say it, or nobody can now."""


def owe(connection: Connection) -> None:
    """Note in a transaction that deletes that its bytes are to be erased; a server does that by itself when it vacuums."""
    if connection.dialect.name == "sqlite":
        connection.execute(insert(erasures).values(place="", language="en", at=now()))


class Erasures:
    """What is owed, and the work of paying it."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self.database = database
        self._clock = clock
        self._announced = asyncio.Event()

    async def finish(self) -> bool:
        """Erase what was deleted so far; False while another program reads an old state of the database."""
        owed = await self.owed()
        if owed and not await self.database.empty_log():
            return False
        if owed:
            await self._paid([one.id for one in owed])
        return True

    async def announce(self, place: Place, language: Language) -> None:
        """Somebody at the private chat `place` wants to hear when all that is owed now is erased."""
        await self._announce(place, language)
        self._announced.set()

    async def work(self, tell: Tell) -> None:
        """Erase, and tell who waits, until cancelled."""
        wait = FIRST_S
        while True:
            self._announced.clear()
            done = await self.step(tell)
            wait = LONGEST_S if done else min(2 * wait, LONGEST_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._announced.wait()
                    wait = FIRST_S

    async def step(self, tell: Tell) -> bool:
        """Do what can be done now; False while something is owed."""
        waiting = [one for one in await self.owed() if one.place]
        if not await self.finish():
            return False
        told = [one.id for one in waiting if one.place and (await tell(one.place, one.language) or self._is_stale(one))]
        if told:
            await self._forget_place(told)
        return await self.finish() and not await self.owed()

    @reading
    def owed(self, connection: Connection) -> tuple[Erasure, ...]:
        """Oldest first."""
        rows = connection.execute(select(erasures).order_by(erasures.c.id)).all()
        return tuple(Erasure(id=row.id, place=_place(row.place), language=row.language, at=row.at) for row in rows)

    @writing
    def _announce(self, connection: Connection, place: Place, language: Language) -> None:
        newest = select(erasures.c.id).order_by(erasures.c.id.desc()).limit(1).scalar_subquery()
        connection.execute(update(erasures).where(erasures.c.id == newest).values(place=place.key, language=language))

    @writing
    def _paid(self, connection: Connection, ids: Collection[int]) -> None:
        """A row that names a place stays until somebody was told there."""
        connection.execute(delete(erasures).where(erasures.c.id.in_(ids), erasures.c.place == ""))

    @writing
    def _forget_place(self, connection: Connection, ids: Collection[int]) -> None:
        connection.execute(update(erasures).where(erasures.c.id.in_(ids)).values(place=""))

    def _is_stale(self, erasure: Erasure) -> bool:
        return self._clock() - erasure.at > STALE


def _place(key: str) -> Place | None:
    platform, _, where = key.partition(":")
    chat, _, thread = where.partition("/")
    return Place(platform=platform, chat=chat, thread=thread) if key else None
