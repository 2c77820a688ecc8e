"""Turns and persons go, with everything that was made of them; nothing here can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from typing import Any

from sqlalchemy import Connection, case, delete, func, or_, select, update

from bot.storage.database import Database, reading
from bot.storage.erasures import owe
from bot.storage.memories.facts import delete_items
from bot.storage.memories.summaries import delete_summaries_of
from bot.storage.memories.turns import LEFT_OUT, NEW
from bot.storage.memories.types import TurnOrigin
from bot.storage.schema import citations, memory_item_turns, memory_items, memory_turns, quotes, turns

AT_ONCE = 500
"""Ids in one statement."""

Redact = Callable[[str, str], str]
"""A text that stays, and the words that may stand in it, go in; it comes out without what was forgotten."""


class TurnDeletion:
    """Deletes for good. On SQLite the bytes are overwritten; `Erasures` empties the log that still holds them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def forget(
        self,
        ids: Sequence[int],
        *,
        items: Iterable[int] = (),
        spoken: Sequence[int] = (),
        quoting: Sequence[int] = (),
        redact: Redact | None = None,
        near: Iterable[TurnOrigin] = (),
    ) -> None:
        """Delete turns and items, and what the turns in `quoting` quote.

        The questions of the turns in `spoken` go through `redact`, and so do the answers that came after the first of all
        these turns, in the chats of `near` and to its persons.
        """

        def work(connection: Connection) -> None:
            connection.execute(delete(quotes).where(quotes.c.turn.in_(quoting)))
            if redact and (ids or spoken or quoting):
                _redact(connection, ids, [*spoken, *quoting], redact, list(near), spoken=frozenset(spoken))
            for some in _batches(ids):
                _delete_turns(connection, some)
            delete_items(connection, items)
            owe(connection)

        await self.database.write(work)

    @reading
    def older_than(self, connection: Connection, moment: Any, *, limit: int) -> tuple[int, ...]:
        """Turns from before a date, oldest first."""
        query = select(turns.c.id).where(turns.c.at < moment).order_by(turns.c.id).limit(limit)
        return tuple(connection.scalars(query).all())

    @reading
    def items_older_than(self, connection: Connection, seconds: float) -> tuple[int, ...]:
        return tuple(connection.scalars(select(memory_items.c.id).where(memory_items.c.at < seconds)).all())

    @reading
    def surplus(self, connection: Connection, most: int, *, limit: int) -> tuple[int, ...]:
        """Turns of chats that have more than `most`: the oldest of one such chat."""
        full = select(turns.c.chat, func.count()).group_by(turns.c.chat).having(func.count() > most).limit(1)
        found = connection.execute(full).first()
        if found is None:
            return ()
        oldest = select(turns.c.id).where(turns.c.chat == found[0]).order_by(turns.c.id).limit(min(limit, found[1] - most))
        return tuple(connection.scalars(oldest).all())


def _delete_turns(connection: Connection, ids: Sequence[int]) -> None:
    delete_summaries_of(connection, ids)
    touched = set(connection.scalars(select(memory_item_turns.c.item).where(memory_item_turns.c.turn.in_(ids))).all())
    connection.execute(delete(turns).where(turns.c.id.in_(ids)))
    if touched:
        query = select(memory_item_turns.c.item).where(memory_item_turns.c.item.in_(touched))
        supported = set(connection.scalars(query).all())
        delete_items(connection, touched - supported)


def _redact(
    connection: Connection,
    ids: Sequence[int],
    others: Sequence[int],
    redact: Redact,
    near: Sequence[TurnOrigin],
    *,
    spoken: Set[int],
) -> None:
    somewhere = or_(turns.c.chat.in_({said.chat for said in near}), turns.c.person.in_({said.person for said in near}))
    query = select(turns.c.id, turns.c.asked, turns.c.answered, turns.c.receipt, quotes.c.text.label("quoted")).outerjoin(quotes)
    gone = set(ids)
    for row in connection.execute(query.where(somewhere, turns.c.id >= min((*ids, *others)))).all():
        if row.id not in gone:
            _redact_turn(connection, row, redact, asked=row.id in spoken, alone=row.id in others)


def _redact_turn(connection: Connection, row: Any, redact: Redact, *, asked: bool, alone: bool) -> None:
    """`alone`: what was searched for was more than the question, and is the question alone now."""
    sources = connection.scalars(select(citations.c.text).where(citations.c.turn == row.id)).all()
    question = redact(row.asked, "") if asked else row.asked
    may_stand = "\n".join((question, *sources))
    before = {"asked": row.asked, "answered": row.answered, "searched": row.receipt.get("searched", "")}
    searched = question if alone and before["searched"] else redact(before["searched"], may_stand)
    after = {"asked": question, "answered": redact(row.answered, may_stand), "searched": searched}
    if row.quoted and (quoted := redact(row.quoted, "")) != row.quoted:
        connection.execute(update(quotes).where(quotes.c.turn == row.id).values(text=quoted))
    if after == before:
        return
    receipt = {**row.receipt, "searched": after.pop("searched")}
    _delete_note(connection, row.id)
    connection.execute(update(turns).where(turns.c.id == row.id).values(**after, receipt=receipt, noted=_anew()))


def _anew() -> Any:
    """A turn that was left out of memory stays so."""
    return case((turns.c.noted == LEFT_OUT, LEFT_OUT), else_=NEW)


def _delete_note(connection: Connection, turn: int) -> None:
    """What was made of a turn's words goes; the turn is noted anew."""
    delete_summaries_of(connection, [turn])
    connection.execute(delete(memory_turns).where(memory_turns.c.turn == turn))


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
