"""The SQLite file of a catalog: a connection for each thread, transactions, and SQLite's errors as ours."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 30.0
"""For another process that is writing."""


class CatalogBroken(Exception):
    """The file cannot be used; it holds nothing that the notes do not, so it may be deleted and built anew."""


class CatalogFull(Exception):
    """The disk is full, or the file may not be written; the message says which."""


class CatalogFile:
    """Safe to use from several threads and processes at once."""

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        with self._vendor_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection().executescript(schema)

    def close(self) -> None:
        """Close every thread's connection; only when no call is under way."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection of this thread.

        Raises:
            CatalogBroken, CatalogFull: what SQLite says within the block means so.
        """
        with self._vendor_errors():
            yield self._connection()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The same within one transaction, which is undone when anything is raised in the block."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
            _switch_to_wal(connection)
            # A power cut may cost the last transactions, never the file: the notes bring them back.
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    @contextmanager
    def _vendor_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            name = getattr(error, "sqlite_errorname", "")
            if name in ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR_WRITE", "SQLITE_CANTOPEN", "SQLITE_BUSY"):
                raise CatalogFull(f"{self.path}: {error}") from error
            raise CatalogBroken(f"{self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise CatalogBroken(f"{self.path}: {error}") from error
        except OSError as error:
            raise CatalogFull(f"{self.path}: {error.strerror or error}") from error


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for a lock here as it does elsewhere, so that two who make a file at once would fail."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "") != "SQLITE_BUSY" or time.monotonic() > end:
                raise
        time.sleep(0.05)
