"""One SQL database: opened by URL, migrated if need be, read and written in transactions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.settings import Problem

Transaction = AsyncConnection
"""What `Database.writing` gives: for those who do several things in one transaction and know no SQLAlchemy."""
REVISION = "0005"
"""The newest migration; a test holds it against the folder, so that a start need not import Alembic to see that all is well."""


class StateProblem(Problem):
    """The database cannot be used; the message names it and the remedy."""


class Database:
    """A pool of connections. Open it with `Database.open`, close it with `close`.

    Raises (every method):
        StateProblem: the database cannot be reached, read, written or migrated.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._name = _name(engine.url)
        self._writer = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._turn = asyncio.Semaphore(1 if engine.dialect.name == "sqlite" else 100)

    @classmethod
    async def open(cls, url: str | URL) -> Database:
        """Connect to `url` (an SQLAlchemy URL) and bring the tables up to date."""
        database = cls(_engine(url))
        try:
            if await database._revision() != REVISION:
                await database._migrate()
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    async def open_file(cls, file: Path) -> Database:
        """The same for an SQLite file, which is made if need be."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateProblem(f"{file.parent}: {error.strerror} (choose another folder with --data)") from error
        return await cls.open(URL.create("sqlite+aiosqlite", database=str(file)))

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the database and writes nothing."""
        with self._problems_told():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose changes are all kept at the end, or none if an exception leaves the block.

        SQLite has one writer at a time, and lets those that wait sleep and try again by chance; here they come in turn.
        """
        with self._problems_told():
            async with self._turn, self._writer.begin() as connection:
                yield connection

    @contextmanager
    def _problems_told(self) -> Iterator[None]:
        """Drivers raise more than SQLAlchemy knows of: the network's errors, JSON that is broken, a text that is none."""
        try:
            yield
        except (SQLAlchemyError, OSError, JSONDecodeError, UnicodeError) as error:
            raise StateProblem(f"{self._name}: {_cause(error)}") from error

    async def scrub(self) -> bool:
        """Empty SQLite's log of changes, which still holds what was deleted; False while a reader keeps it from being emptied."""
        if self._engine.dialect.name != "sqlite":
            return True
        async with self._engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            cursor = await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = (await cursor.fetchone())[0]
            await cursor.close()
        return not busy

    async def _revision(self) -> str:
        async with self.reading() as connection:
            there = await connection.run_sync(lambda sync: sync.dialect.has_table(sync, "alembic_version"))
            return str(await connection.scalar(text("SELECT version_num FROM alembic_version"))) if there else ""

    async def _migrate(self) -> None:
        from bot.state.migrations import UnknownRevision, upgrade

        try:
            async with self.writing() as connection:
                await connection.run_sync(upgrade)
        except UnknownRevision as error:
            raise StateProblem(f"{self._name}: made by a newer notesbot; install that, or use another --data folder") from error


def _engine(url: str | URL) -> AsyncEngine:
    """What people said stays out of messages and logs."""
    try:
        engine = create_async_engine(url, hide_parameters=True)
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise StateProblem(f"the address of the database cannot be used ({type(error).__name__})") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Readers do not wait for the writer; a writer waits for another one; a turn goes with all that hangs on it, bytes too."""
    connection.isolation_level = None  # Python's driver would begin late, and leave table changes outside of it
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "busy_timeout = 30000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: one that reads first and writes later would have to give up to another."""
    kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _name(url: URL) -> str:
    """The file, or the address without its password."""
    return url.database or "memory" if url.get_backend_name() == "sqlite" else url.render_as_string()


def _cause(error: Exception) -> str:
    """The database's own words, but none of the text that it holds: PostgreSQL tells the values of a row in a second line,
    and SQLite behind `with text` what it cannot decode.
    """
    if isinstance(error, ValueError):
        return f"what is to be kept, or is kept, is no text ({type(error).__name__})"
    told = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    return told.splitlines()[0].partition(" with text ")[0]
