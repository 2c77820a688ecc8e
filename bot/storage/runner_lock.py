"""The lock of the one process that runs the bots on a database; it ends with the process, however that ends.

Two runners would both answer what the other has not finished yet. For SQLite it is a file beside the database, wherever the
data folder is; for PostgreSQL an advisory lock of the database's own, on a connection that does nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.database import Database

WATCH_S = 10.0
"""How often the server is asked whether it still knows of the lock: it forgets it when the connection ends."""
KEY = "hashtextextended('notesbot run ' || current_schema(), 0)"


def lock_of(file: Path) -> FileLock:
    """The lock beside a database file, by the one path that all links to it lead to."""
    whole = file.resolve()
    return FileLock(whole.with_name(f"{whole.name}.lock"), timeout=0)


class RunnerLock:
    """Take it before the bots run, and release it after them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file = lock_of(database.file) if database.file else None
        self._connection: Connection | None = None

    async def take(self) -> bool:
        """False when another process has it."""
        if self._file:
            try:
                self._file.acquire()
            except Timeout:
                return False
            return True
        return await asyncio.to_thread(self._take_on_server) if self._database.on_server else True

    async def release(self) -> None:
        if self._file:
            self._file.release()
        await asyncio.to_thread(self._let_go)

    async def watch(self, lost: Callable[[], None]) -> None:
        """Take it again after the server was started anew; `lost` is called when another process was quicker."""
        while self._database.on_server:
            await asyncio.sleep(WATCH_S)
            if not await asyncio.to_thread(self._is_held) and not await asyncio.to_thread(self._take_on_server):
                return lost()
        return None

    def _take_on_server(self) -> bool:
        self._let_go()
        with self._database.problems_told():
            self._connection = self._database.connect()
            return bool(self._connection.scalar(text(f"SELECT pg_try_advisory_lock({KEY})")))

    def _is_held(self) -> bool:
        try:
            return self._connection is not None and self._connection.scalar(text("SELECT 1")) == 1
        except SQLAlchemyError:
            return False

    def _let_go(self) -> None:
        """The lock goes with the connection, which must not be given to anybody else."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
