"""Who asks and where go in; all that is read for every question comes out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, Select, and_, bindparam, exists, or_, select

from bot.storage.memories.facts import item_of, visible
from bot.storage.memories.types import Audience, Item
from bot.storage.memory_schema import memory_items, memory_off, memory_places

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
