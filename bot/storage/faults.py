"""Upserts for both kinds of database, and what a database says is wrong with it, with the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.schema import metadata

ANOTHER = "put a backup in its place with `notesbot restore FILE`"
REMEDIES = (
    (r"malformed|disk image", f"it is damaged: {ANOTHER}, or move it aside to begin anew"),
    (r"is not a database|encrypted", f"it is no database: {ANOTHER}, or move it aside to begin anew"),
    (r"database is locked", "another program holds it: end that one, or try again"),
    (r"readonly database", "it cannot be written: it must belong to this account, or choose another folder with --data"),
    (r"unable to open database file", "it cannot be opened: look at the folder's owner, or choose another one with --data"),
    (r"disk is full|No space left", "free some space, or choose another folder with --data"),
    (r"disk I/O error", "the disk is full, or fails: free some space, or choose another folder with --data"),
    (r"no such (?:table|column)|already exists|duplicate column", f"an update of it was cut off: {ANOTHER}"),
    (r"[Cc]onnection refused|could not translate|timeout expired|terminat", "see whether the server runs, and state.url"),
    (r"authentication failed|no password supplied", "see the name in state.url, and PGPASSWORD or ~/.pgpass"),
)
"""What to do about each; SQLite's words are those of https://www.sqlite.org/rescode.html, the last two are PostgreSQL's."""


def cause(error: Exception) -> str:
    """The database's own words and the remedy, but none of the text that it holds: PostgreSQL tells the values of a row in a
    second line, and SQLite behind `with text` what it cannot decode.
    """
    if isinstance(error, ValueError):
        return f"what is to be kept, or is kept, is no text ({type(error).__name__})"
    told = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    line = told.splitlines()[0].partition(" with text ")[0]
    remedy = next((what for pattern, what in REMEDIES if re.search(pattern, line)), "")
    return f"{line} ({remedy})" if remedy else line


def faults_of(connection: Connection) -> tuple[str, ...]:
    """What is wrong with the file or the tables, in the database's words; a server looks after its own pages."""
    if connection.dialect.name == "sqlite":
        found = tuple(str(row[0]).splitlines()[0] for row in connection.exec_driver_sql("PRAGMA quick_check(3)"))
        if found != ("ok",):
            return found
    there = inspect(connection)
    lacking = [table.name for table in metadata.sorted_tables if not there.has_table(table.name)]
    known = {
        table: {one["name"] for one in there.get_columns(table.name)}
        for table in metadata.sorted_tables
        if table.name not in lacking
    }
    missing = [f"{table.name}.{column.name}" for table, names in known.items() for column in table.c if column.name not in names]
    return (*(f"no such table: {name}" for name in lacking), *(f"no such column: {name}" for name in missing))


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
