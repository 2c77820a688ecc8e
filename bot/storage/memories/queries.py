"""Memory as one question reads it, and the settings that limit it: resets, and chats where nothing is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, Select, and_, bindparam, delete, exists, insert, or_, select, update

from bot.storage.database import Database, reading, writing
from bot.storage.memories.facts import item_of, visible
from bot.storage.memories.types import Audience, Item
from bot.storage.schema import memory_items, memory_off, memory_places, memory_summaries, memory_turns

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


ITEM = [column.label(f"item_{column.name}") for column in memory_items.c]


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What memory has at a place for a person."""

    off: bool = False
    """The person wants nothing remembered here."""
    items: tuple[Item, ...] = ()
    text: str = ""
    """What the place's summaries come to."""
    made_of: tuple[int, ...] = ()
    at: float = 0.0
    """Up to when."""


def read_here(connection: Connection, spot: Audience) -> Here:
    """What is set and known at a place; somebody else's private summary is not read. Items come without their turns.

    One statement: every question waits for it.
    """
    values = {"person": spot.person, "place": spot.place, "chat": spot.chat, "owner": spot.owner}
    rows = connection.execute(_query(spot.private), values).mappings().all()
    first = rows[0]
    if first["off"]:
        return Here(off=True)
    items = tuple(_item(row) for row in rows if row["item_id"] is not None)
    return Here(items=items, text=first["text"] or "", made_of=tuple(first["made_of"] or ()), at=first["at"] or 0.0)


@cache
def _query(private: bool) -> Select[Any]:
    """Built once: that takes as long as running it."""
    person: BindParameter[str] = bindparam("person")
    chat: BindParameter[str] = bindparam("chat")
    place = and_(memory_places.c.place == bindparam("place"), memory_places.c.chat == chat)
    whose = and_(memory_places.c.private.is_(private), memory_places.c.person == bindparam("owner"))
    off = exists().where(memory_off.c.person == person, or_(memory_off.c.chat == "", memory_off.c.chat == chat))
    always = select(off.label("off")).subquery()
    query = select(always.c.off, memory_places.c.text, memory_places.c.made_of, memory_places.c.at, *ITEM)
    tables = always.outerjoin(memory_places, and_(place, whose)).outerjoin(memory_items, visible(person, chat, private=private))
    return query.select_from(tables).order_by(memory_items.c.id)


def _item(row: RowMapping) -> Item:
    return item_of({column.name: row[f"item_{column.name}"] for column in memory_items.c})
