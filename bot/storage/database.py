"""One SQL database: opened by URL, migrated if need be, read and written in transactions.

A transaction is a function that takes a connection. It runs in a thread from its beginning to its end, because going to a
thread and back costs more than most statements do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from json import JSONDecodeError
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Problem
from bot.storage.faults import cause, faults_of

Transaction = Connection
"""What a function in a transaction gets: for those who do several things in one and know no SQLAlchemy."""
REVISION = "0007"
"""The newest migration; a test holds it against the folder, so that a start need not import Alembic to see that all is well."""
READERS = 4
"""Threads that read SQLite at once; one writes."""
CONNECTIONS = 10
"""Threads that read from a server at once; one writes."""
BUSY_MS = 30_000
"""For so long a writer waits for another program's."""
LOG_WAIT_MS = 50

T = TypeVar("T")
P = ParamSpec("P")


class StateProblem(Problem):
    """The database cannot be used; the message names it and the remedy."""


class Database:
    """A pool of connections. Open it with `Database.open`, close it with `close`.

    Raises (every method):
        StateProblem: the database cannot be reached, read, written or migrated.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = _name(engine.url)
        """The file, or the address without its password."""
        self.file = file_of(engine.url)
        """None on a server and in memory."""
        self.on_server = engine.dialect.name != "sqlite"
        self._writer = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._reads, self._writes = _threads(engine)

    @classmethod
    async def open(cls, url: str | URL) -> Database:
        """Connect to `url` (an SQLAlchemy URL) and bring the tables up to date."""
        database = cls(_engine(url))
        try:
            if await database.read(_revision) != REVISION:
                await database._migrate()
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    async def open_file(cls, file: Path) -> Database:
        """The same for an SQLite file, which is made if need be."""
        _make_private(file)
        return await cls.open(URL.create("sqlite", database=str(file)))

    def connect(self) -> Connection:
        """A connection of the caller's own, on which each statement stands for itself."""
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    async def faults(self) -> tuple[str, ...]:
        """See `bot.storage.faults`."""
        return await self.read(faults_of)

    async def close(self) -> None:
        """What was begun is finished first."""
        await asyncio.to_thread(self._end)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns; its connection sees one state of the database and writes nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._reads, self._reading, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns; its changes are all kept when it returns, or none if it raises.

        SQLite has one writer at a time, and lets those that wait sleep and try again by chance; here they come in turn. A
        server has many at a time, but what reads first and writes what it made of that would undo what another one wrote in
        between: there they come in turn too.
        Whoever is cancelled while they wait need not know whether the changes were kept.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writes, self._writing, work)

    def _reading(self, work: Callable[[Connection], T]) -> T:
        with self.problems_told(), self._engine.connect() as connection:
            return work(connection)

    def _writing(self, work: Callable[[Connection], T]) -> T:
        with self.problems_told(), self._writer.begin() as connection:
            return work(connection)

    @contextmanager
    def problems_told(self) -> Iterator[None]:
        """Drivers raise more than SQLAlchemy knows of: the network's errors, JSON that is broken, a text that is none."""
        try:
            yield
        except (SQLAlchemyError, OSError, JSONDecodeError, UnicodeError) as error:
            raise StateProblem(f"{self.name}: {cause(error)}") from error

    async def empty_log(self) -> bool:
        """Empty SQLite's log of changes, which still holds what was deleted; False while a reader keeps it from being emptied.

        Done beside the writer, who waits for `LOG_WAIT_MS` at most.
        """
        if self._engine.dialect.name != "sqlite" or isinstance(self._engine.pool, StaticPool):
            return True
        return await asyncio.get_running_loop().run_in_executor(self._reads, self._checkpoint)

    def _checkpoint(self) -> bool:
        """First without anybody waiting; only when all is in the file the log is locked and cut off."""
        with self.problems_told(), self._engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute(f"PRAGMA busy_timeout = {LOG_WAIT_MS}")
            try:
                _, pages, moved = raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                return pages == moved and not raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                raw.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    async def _migrate(self) -> None:
        from bot.storage.migrations import UnknownRevision, upgrade

        try:
            await self.write(upgrade)
        except UnknownRevision as error:
            older = await self.read(_revision) < REVISION
            made = "an early notesbot, from before its first release; begin anew" if older else "a newer notesbot; install that"
            raise StateProblem(f"{self.name}: made by {made}, or use another --data folder") from error

    def _end(self) -> None:
        self._writes.shutdown()
        self._reads.shutdown()
        self._engine.dispose()


class _Store(Protocol):
    database: Database


S = TypeVar("S", bound=_Store)


def reading(work: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """A method of a store that is one transaction of `Database.read`: whoever calls it gives no connection, and awaits it."""

    @wraps(work)
    async def method(store: S, /, *args: P.args, **named: P.kwargs) -> T:
        return await store.database.read(lambda connection: work(store, connection, *args, **named))

    return method


def writing(work: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """The same with `Database.write`."""

    @wraps(work)
    async def method(store: S, /, *args: P.args, **named: P.kwargs) -> T:
        return await store.database.write(lambda connection: work(store, connection, *args, **named))

    return method


def _make_private(file: Path) -> None:
    """What people said is for the account alone that runs this; SQLite gives its log of changes the file's permissions."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        raise StateProblem(f"{file.parent}: {error.strerror} (choose another folder with --data)") from error


def _engine(url: str | URL) -> Engine:
    """What people said stays out of messages and logs."""
    try:
        address = make_url(url)
        in_memory = address.get_backend_name() == "sqlite" and not address.database
        options: dict[str, Any] = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if in_memory else {}
        if address.get_backend_name() != "sqlite":
            options["pool_pre_ping"] = True  # a server that was started anew has ended the connections that lie here
        engine = create_engine(address, hide_parameters=True, **options)
    except ModuleNotFoundError as error:
        raise StateProblem("state.url: its driver is missing; type: pip install 'notesbot[postgres]'") from error
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise StateProblem(f"the address of the database cannot be used ({type(error).__name__})") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _threads(engine: Engine) -> tuple[ThreadPoolExecutor, ThreadPoolExecutor]:
    """Those that read and the one that writes. A database in memory is one connection, so there is one thread for all."""
    writer = ThreadPoolExecutor(1, thread_name_prefix="database writer")
    if isinstance(engine.pool, StaticPool):
        return writer, writer
    readers = READERS if engine.dialect.name == "sqlite" else CONNECTIONS
    return ThreadPoolExecutor(readers, thread_name_prefix="database reader"), writer


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Readers do not wait for the writer; a writer waits for another one; a turn goes with all that hangs on it, bytes too."""
    connection.isolation_level = None  # Python's driver would begin late, and leave table changes outside of it
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "secure_delete = ON",
        f"busy_timeout = {BUSY_MS}",
        "mmap_size = 1073741824",  # bytes; pages are read where they lie and not copied: a third less time for long readings
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: one that reads first and writes later would have to give up to another."""
    kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _revision(connection: Connection) -> str:
    there = connection.dialect.has_table(connection, "alembic_version")
    return str(connection.scalar(text("SELECT version_num FROM alembic_version"))) if there else ""


def file_of(url: str | URL) -> Path | None:
    """The file of an SQLite address; None for a server's, and in memory."""
    address = make_url(url)
    on_disk = address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:")
    return Path(str(address.database)) if on_disk else None


def _name(url: URL) -> str:
    """The file, or the address without its password."""
    return url.database or "memory" if url.get_backend_name() == "sqlite" else url.render_as_string()
