"""Enrichments of passages, kept by digest and applied whenever the passages are indexed.

It is dear (a model works for seconds on each passage), so it lies in a file of its own that outlasts every index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from knowledge.catalog import CatalogFull

MOST = 200_000
"""Passages; the oldest are forgotten first."""
LONGEST = 600
"""Characters kept of what is written about one passage."""
AT_ONCE = 500
"""Digests in one query."""


class Enrichments:
    """A file of words by the digest of the passage they are about; every call is one short transaction.

    Raises (every method):
        CatalogFull: the file cannot be written or read; the message says why.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def put(self, digest: str, words: str) -> None:
        """Keep what was written about a passage."""
        with self._connected() as connection:
            connection.execute("INSERT OR REPLACE INTO enrichments (digest, words) VALUES (?, ?)", (digest, words[:LONGEST]))
            oldest = "SELECT max(number) - ? FROM enrichments"
            connection.execute(f"DELETE FROM enrichments WHERE number <= ({oldest})", (MOST,))  # noqa: S608 - a constant

    def of(self, digests: Iterable[str]) -> dict[str, str]:
        """What is written about those of the passages that have something."""
        wanted = list(digests)
        found: dict[str, str] = {}
        if not self._file.exists():
            return found
        with self._connected() as connection:
            for start in range(0, len(wanted), AT_ONCE):
                some = wanted[start : start + AT_ONCE]
                query = f"SELECT digest, words FROM enrichments WHERE digest IN ({','.join('?' * len(some))})"  # noqa: S608
                found.update(connection.execute(query, some).fetchall())
        return found

    def since(self, number: int) -> tuple[int, set[str]]:
        """The number of the newest entry, and the digests of all that came after `number`."""
        if not self._file.exists():
            return 0, set()
        with self._connected() as connection:
            rows = connection.execute("SELECT number, digest FROM enrichments WHERE number > ?", (number,)).fetchall()
        return max((at for at, _ in rows), default=number), {digest for _, digest in rows}

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=30)) as connection, connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS enrichments"
                    " (number INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL UNIQUE, words TEXT NOT NULL)"
                )
                yield connection
        except (sqlite3.DatabaseError, OSError) as error:
            raise CatalogFull(f"{self._file}: {error}") from error
