"""Something is counted for somebody in a period (a day, an hour); the count so far comes out, after a restart too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.storage.database import Database, reading, writing
from bot.storage.schema import tallies
from bot.storage.upsert import insert_into, now


class Tallies:
    """Counts by what, who and period; a period is any text that names it."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self.database = database
        self._clock = clock

    @writing
    def count(self, connection: Connection, what: str, who: str, period: str, *, until: datetime) -> int:
        """Count one more and return how many there are now; from `until` on, the count may be forgotten."""
        row = {"what": what, "who": who, "period": period, "count": 1, "until": until}
        insert = insert_into(connection, tallies).values(row)
        more = insert.on_conflict_do_update(index_elements=["what", "who", "period"], set_={"count": tallies.c.count + 1})
        return int(connection.scalar(more.returning(tallies.c.count)) or 0)

    @reading
    def read(self, connection: Connection, what: str, who: str, period: str) -> int:
        """How many were counted."""
        query = select(tallies.c.count).where(tallies.c.what == what, tallies.c.who == who, tallies.c.period == period)
        return int(connection.scalar(query) or 0)

    @writing
    def prune(self, connection: Connection) -> None:
        """Forget the counts of periods that are over."""
        connection.execute(delete(tallies).where(tallies.c.until < self._clock()))
