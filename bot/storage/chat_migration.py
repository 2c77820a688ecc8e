"""A chat's old id and its new one go in; every row that named the old one names the new one. One transaction, the caller's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, and_, delete, exists, func, literal, or_, select, update

from bot.storage.schema import admitted, events, metadata, sent
from bot.types import Place

NAMING = ("place", "chat")
"""Columns of this name hold the key of a place, in whichever table; `sent` is not moved, see `move_place`."""


def move_place(connection: Connection, old: Place, new: Place) -> None:
    """Move all that is kept of the chat `old` to `new`, threads included; a new group counts message ids from 1 again.

    Messages in the old chat cannot be edited from the new one, so an answer that was cut off there begins anew.
    """
    before, after = old.key, new.key
    moving = select(events.c.key).where(_named(events.c.place, before))
    connection.execute(delete(sent).where(sent.c.event.in_(moving), sent.c.answer == ""))
    unsent = and_(_named(events.c.place, before), events.c.state == "answering")
    connection.execute(update(events).where(unsent).values(state="open", shown=0))
    for table in metadata.sorted_tables:
        for name in NAMING if table is not sent else ():
            if name in table.c:
                _rename(connection, table, table.c[name], before, after)
    allowed = and_(admitted.c.platform == old.platform, admitted.c.kind == "chat")
    connection.execute(delete(admitted).where(allowed, admitted.c.id == new.chat, _there(admitted, old.chat)))
    connection.execute(update(admitted).where(allowed, admitted.c.id == old.chat).values(id=new.chat))


def _named(column: Column[str], key: str) -> Any:
    return or_(column == key, column.startswith(f"{key}/", autoescape=True))


def _rename(connection: Connection, table: Table, column: Column[str], before: str, after: str) -> None:
    """What was kept wins over what the new chat, seconds old, has gathered under the same key."""
    renamed = literal(after) + func.substr(column, len(before) + 1)
    if column.primary_key:
        others = [key.name for key in table.primary_key if key.name != column.name]
        kept = table.alias()
        same = [kept.c[name] == table.c[name] for name in others]
        again = literal(after) + func.substr(kept.c[column.name], len(before) + 1)
        clash = exists().where(_named(kept.c[column.name], before), again == column, *same)
        connection.execute(delete(table).where(_named(column, after), clash))
    connection.execute(update(table).where(_named(column, before)).values({column.name: renamed}))


def _there(table: Table, id_: str) -> Any:
    kept = table.alias()
    return exists().where(kept.c.platform == table.c.platform, kept.c.kind == table.c.kind, kept.c.id == id_)
