"""All rows of a person, for export and deletion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, delete, or_, select, update

from bot.storage.cards.schema import group_rounds
from bot.storage.database import Database, reading, writing
from bot.storage.erasures import owe
from bot.storage.events import EventState
from bot.storage.schema import admitted, erasures, events, metadata, pairings, place_settings, sent, tallies, turns
from bot.types import Person

KEPT_APART = frozenset({"turns", "memory_turns", "memory_items", "memory_item_turns", "memory_summaries", "quotes"})
"""Memory hands these over itself, each thing only where it may be told."""


class Persons:
    """What is stored about people, over all tables: a table with a column `person` is theirs, whatever it is for."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reading
    def rows(self, connection: Connection, person: Person) -> dict[str, list[dict[str, Any]]]:
        """All rows besides turns and what was made of them, by table: cards, reviews, thumbs, choices, counts."""
        found: dict[str, list[dict[str, Any]]] = {}
        for table, condition in _theirs(person):
            rows = connection.execute(select(table).where(condition)).mappings().all() if table.name not in KEPT_APART else ()
            if rows:
                found[table.name] = [{name: value for name, value in row.items() if name != "person"} for row in rows]
        return found

    async def delete(self, person: Person, chats: Iterable[str] = ()) -> None:
        """Leave no row that names the person or their private `chats`, but one that keeps them out.

        What the owner decided (who is barred) stays, and so does the number of every event, which keeps it from being
        answered twice; they say nothing of the person but that.
        """
        await self._delete(person, frozenset({person.key, *chats}))

    @writing
    def _delete(self, connection: Connection, person: Person, chats: frozenset[str]) -> None:
        private = and_(turns.c.person == person.key, turns.c.private)
        homes = chats | set(connection.scalars(select(turns.c.chat).where(private)).all())
        for table, column, nobody in ((group_rounds, "person", ""), (admitted, "by", ""), (pairings, "used_by", "-")):
            connection.execute(update(table).where(table.c[column] == person.key).values({column: nobody}))
        for table, condition in _theirs(person):
            connection.execute(delete(table).where(condition))
        done = {"place": "", "chat": "", "message": "", "payload": {}, "state": EventState.DONE}
        connection.execute(update(events).where(events.c.chat.in_(homes)).values(done))
        connection.execute(delete(sent).where(sent.c.chat.in_(homes)))
        connection.execute(delete(place_settings).where(_within(place_settings.c.place, homes)))
        connection.execute(update(erasures).where(_within(erasures.c.place, homes)).values(place=""))
        owe(connection)


def _within(column: Column[str], chats: frozenset[str]) -> ColumnElement[bool]:
    """A place that is one of these chats, or a thread of one."""
    return or_(column.in_(chats), *(column.startswith(f"{chat}/", autoescape=True) for chat in chats))


def _theirs(person: Person) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Tables and their rows, those that hang on others first."""
    for table in reversed(metadata.sorted_tables):
        if table is tallies:
            yield table, table.c.who == person.key
        elif table is admitted:
            them = and_(table.c.platform == person.platform, table.c.id == person.id, table.c.kind.in_(("user", "admin")))
            yield table, and_(them, table.c.allowed)
        elif "person" in table.c and table is not group_rounds:
            yield table, table.c.person == person.key
