"""Turns and persons go, with everything that was made of them; nothing here can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.state.database import Database
from bot.state.memories.items import delete_items
from bot.state.memories.summaries import delete_summaries_of
from bot.state.memory_tables import memory_item_turns, memory_items, memory_off, memory_places, memory_summaries, memory_turns
from bot.state.tables import citations, turns

AT_ONCE = 500
"""Ids in one statement."""

Redact = Callable[[str, str], str]
"""A text of a turn that stays, and the words that may stand in it all the same, go in; it comes out without what was forgotten."""


class Forgetting:
    """Deletes for good. On SQLite the bytes are overwritten; `Database.scrub` empties the log that still holds them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(
        self,
        ids: Sequence[int],
        *,
        items: Iterable[int] = (),
        redact: Redact | None = None,
        chats: Iterable[str] = (),
        person: str = "",
    ) -> None:
        """Delete turns and items. What later answers in `chats`, and those to `person`, repeat of them goes through `redact`."""
        async with self._database.writing() as connection:
            if redact and ids:
                await _redact(connection, ids, redact, list(chats), person)
            for some in _batches(ids):
                await _delete_turns(connection, some)
            await delete_items(connection, items)
        await self._database.scrub()

    async def forget_person(self, person: str) -> None:
        """Leave no row of a person's; their turns went through `forget` before."""
        async with self._database.writing() as connection:
            await connection.execute(update(memory_items).where(memory_items.c.person == person).values(replaced_by=None))
            for table in (memory_items, memory_off, memory_summaries, memory_places):
                await connection.execute(delete(table).where(table.c.person == person))
        await self._database.scrub()

    async def older_than(self, moment: Any, *, limit: int) -> tuple[int, ...]:
        """Turns from before a date, oldest first."""
        query = select(turns.c.id).where(turns.c.at < moment).order_by(turns.c.id).limit(limit)
        async with self._database.reading() as connection:
            return tuple((await connection.scalars(query)).all())

    async def items_older_than(self, seconds: float) -> tuple[int, ...]:
        async with self._database.reading() as connection:
            return tuple((await connection.scalars(select(memory_items.c.id).where(memory_items.c.at < seconds))).all())

    async def surplus(self, most: int, *, limit: int) -> tuple[int, ...]:
        """Turns of chats that have more than `most`: the oldest of one such chat."""
        full = select(turns.c.chat, func.count()).group_by(turns.c.chat).having(func.count() > most).limit(1)
        async with self._database.reading() as connection:
            found = (await connection.execute(full)).first()
            if found is None:
                return ()
            oldest = select(turns.c.id).where(turns.c.chat == found[0]).order_by(turns.c.id).limit(min(limit, found[1] - most))
            return tuple((await connection.scalars(oldest)).all())


async def _delete_turns(connection: AsyncConnection, ids: Sequence[int]) -> None:
    await delete_summaries_of(connection, ids)
    touched = set((await connection.scalars(select(memory_item_turns.c.item).where(memory_item_turns.c.turn.in_(ids)))).all())
    await connection.execute(delete(turns).where(turns.c.id.in_(ids)))
    if touched:
        query = select(memory_item_turns.c.item).where(memory_item_turns.c.item.in_(touched))
        supported = set((await connection.scalars(query)).all())
        await delete_items(connection, touched - supported)


async def _redact(connection: AsyncConnection, ids: Sequence[int], redact: Redact, chats: list[str], person: str) -> None:
    near: ColumnElement[bool] = or_(turns.c.chat.in_(chats), turns.c.person == person)
    query = select(turns.c.id, turns.c.asked, turns.c.answered, turns.c.receipt).where(near, turns.c.id > min(ids))
    gone = set(ids)
    for row in (await connection.execute(query)).all():
        if row.id in gone:
            continue
        texts = (await connection.scalars(select(citations.c.text).where(citations.c.turn == row.id))).all()
        allowed = "\n".join((row.asked, *texts))
        answered, searched = redact(row.answered, allowed), redact(str(row.receipt.get("searched", "")), allowed)
        if (answered, searched) == (row.answered, row.receipt.get("searched", "")):
            continue
        values = {"answered": answered, "receipt": {**row.receipt, "searched": searched}, "noted": 0}
        await _delete_note(connection, row.id)
        await connection.execute(update(turns).where(turns.c.id == row.id).values(**values))


async def _delete_note(connection: AsyncConnection, turn: int) -> None:
    """What was made of a turn's words goes; the turn is noted anew."""
    await delete_summaries_of(connection, [turn])
    await connection.execute(delete(memory_turns).where(memory_turns.c.turn == turn))


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
