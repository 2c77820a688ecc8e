"""Who asks and where go in; all that is read for every question comes out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.state.memories.items import read_items, visible
from bot.state.memories.values import Item, Spot
from bot.state.memory_tables import memory_off, memory_places


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


async def read_here(connection: AsyncConnection, spot: Spot) -> Here:
    """What is set and known at a place; somebody else's private summary is not read. Items come without their turns."""
    place = and_(memory_places.c.place == spot.place, memory_places.c.chat == spot.chat)
    whose = and_(memory_places.c.private == spot.private, memory_places.c.person == spot.owner)
    off = exists().where(memory_off.c.person == spot.person, memory_off.c.chat.in_(["", spot.chat]))
    always = select(off.label("off")).subquery()
    query = select(always.c.off, memory_places.c.text, memory_places.c.made_of, memory_places.c.at)
    row = (await connection.execute(query.select_from(always.outerjoin(memory_places, and_(place, whose))))).one()
    if row.off:
        return Here(off=True)
    items = await read_items(connection, visible(spot.person, spot.chat, private=spot.private), sources=False)
    return Here(items=items, text=row.text or "", made_of=tuple(row.made_of or ()), at=row.at or 0.0)
