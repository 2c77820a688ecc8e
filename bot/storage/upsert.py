"""Inserts that leave existing rows alone (`insert_new`) or replace them (`put`), for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

BATCH = 1000
"""Rows of one statement; SQLite takes 32,766 values in one (https://www.sqlite.org/limits.html, since 3.32)."""

Row = Mapping[str, Any]
Insert = sqlite.Insert | postgresql.Insert


def insert_into(connection: Connection, table: Table) -> Insert:
    """An insert that has `on_conflict_do_nothing` and `on_conflict_do_update`, in the database's own dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row], key: str) -> frozenset[str]:
    """Insert the rows that nobody has inserted before, not even another process at this moment; return their keys."""
    new: set[str] = set()
    for start in range(0, len(rows), BATCH):
        insert = insert_into(connection, table).values(rows[start : start + BATCH])
        result = connection.execute(insert.on_conflict_do_nothing().returning(table.c[key]))
        new.update(result.scalars())
    return frozenset(new)


def put(connection: Connection, table: Table, row: Row) -> None:
    """Insert a row, or replace the one with its primary key."""
    insert = insert_into(connection, table).values(row)
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed))


def utc(at: datetime) -> datetime:
    """The same moment in UTC; SQLite gives times back without their zone."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def now() -> datetime:
    return datetime.now(UTC)
