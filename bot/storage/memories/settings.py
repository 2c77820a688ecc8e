"""What is set for a place or by a person: since when counts what was said, and where nothing is remembered."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from bot.storage.database import Database, reading, writing
from bot.storage.memories.types import Audience
from bot.storage.memory_schema import memory_off, memory_places, memory_summaries, memory_turns

EVERYWHERE = ""


class MemoryPreferences:
    """Resets, and the wish not to be remembered."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reading
    def off(self, connection: Connection, person: str) -> frozenset[str]:
        """The chats where a person wants nothing remembered; `EVERYWHERE` means all of them."""
        return frozenset(connection.scalars(select(memory_off.c.chat).where(memory_off.c.person == person)).all())

    @writing
    def switch(self, connection: Connection, spot: Audience, *, on: bool) -> None:
        """Said in a group, it holds for that group; said in private, everywhere."""
        where = memory_off.c.person == spot.person
        chat = EVERYWHERE if spot.private else spot.chat
        connection.execute(delete(memory_off).where(where if spot.private else where & (memory_off.c.chat == chat)))
        if not on:
            connection.execute(insert(memory_off).values(person=spot.person, chat=chat))

    @writing
    def reset(self, connection: Connection, spot: Audience, *, at: float) -> None:
        """What was said before `at` is no longer part of the place's window."""
        put_place(connection, spot, window_from=at)

    @writing
    def clear(self, connection: Connection, spot: Audience, *, at: float) -> None:
        """Nothing that was said here is memory of this place any more; those who said it keep it for their private chats."""
        here = memory_turns.c.place == spot.place
        put_place(connection, spot, text="", made_of=[], at=at, window_from=at)
        connection.execute(update(memory_turns).where(here).values(place="", chat="", frame=None))
        connection.execute(delete(memory_summaries).where(memory_summaries.c.place == spot.place))


def put_place(connection: Connection, spot: Audience, **values: object) -> None:
    """Set values of a place, whose row is made if need be."""
    changed = connection.execute(update(memory_places).where(memory_places.c.place == spot.place).values(**values))
    if not changed.rowcount:
        fresh = {"text": "", "made_of": [], "at": 0.0, "window_from": 0.0}
        scope = {"place": spot.place, "chat": spot.chat, "private": spot.private, "person": spot.owner}
        connection.execute(insert(memory_places).values(**fresh | values | scope))
