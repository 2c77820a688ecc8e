"""The SQLite file of a catalog, its tables, and the records in their rows, each written within somebody's transaction."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.types import Alias, FrontMatter, Passage

COLUMNS = "row, id, path, title, start, stop, first_line, last_line, heading, parents, text, digest"
"""Of the table of passages, in the order that `passage_of` reads."""

PATIENCE_S = 30.0
"""For another process that is writing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indexed:
    """The term keys of a passage: of the words above it, then of its sentences, one after the other, then of words about it."""

    keys: npt.NDArray[np.int64]
    above: int
    """How many keys are of the words above."""
    sentences: npt.NDArray[np.int32]
    """A row for each sentence: start and end in the passage's text, and how many keys it has."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """A passage as it is indexed."""

    passage: Passage
    words: str
    """What is embedded: the words above the passage and its own."""
    words_digest: str
    indexed: Indexed
    latin: frozenset[str]
    """Its Latin words, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRecord:
    """A note as the catalog knows it; `read` is when, in nanoseconds since 1970."""

    digest: str
    size: int
    modified: int
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """What is kept of a note itself."""

    path: str
    known: NoteRecord
    title: str
    front: FrontMatter


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedNote:
    """A file that could not be read as it was on that day (`date.toordinal`): it is not tried again before something changes."""

    path: str
    size: int
    modified: int
    why: str
    day: int


def columns_of(entry: Entry) -> tuple[object, ...]:
    """The values of a passage's row, without its number."""
    p = entry.passage
    place = (p.id, p.path, p.title, p.start, p.end, *p.lines, _packed(p.heading), _packed(p.parents), p.text, p.digest)
    indexed = entry.indexed
    return (*place, entry.words, entry.words_digest, indexed.keys.tobytes(), indexed.above, indexed.sentences.tobytes())


def passage_of(row: Sequence[Any]) -> Passage:
    """The passage of a row of `COLUMNS`."""
    _, id_, path, title, start, end, first, last, heading, parents, text, digest = row
    return Passage(
        id=id_,
        path=path,
        title=title,
        start=start,
        end=end,
        lines=(first, last),
        heading=tuple(json.loads(heading)),
        parents=tuple(json.loads(parents)),
        text=text,
        digest=digest,
    )


def indexed_of(keys: bytes, above: int, sentences: bytes) -> Indexed:
    """The same as stored."""
    table = np.frombuffer(sentences, np.int32).reshape(-1, 3)
    return Indexed(keys=np.frombuffer(keys, np.int64), above=above, sentences=table)


def pack_front(front: FrontMatter) -> str:
    return json.dumps(asdict(front), ensure_ascii=False)


def front_of(packed: str) -> FrontMatter:
    values = json.loads(packed)
    return FrontMatter(**{**values, "tags": tuple(values["tags"]), "aliases": tuple(values["aliases"])})


def _packed(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


FORMAT = 2
"""Goes up with every change of the tables; a file of another format is not opened but built anew beside it."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (
    path TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, read INTEGER NOT NULL,
    title TEXT NOT NULL, front TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, path TEXT NOT NULL, title TEXT NOT NULL,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, first_line INTEGER NOT NULL, last_line INTEGER NOT NULL,
    heading TEXT NOT NULL, parents TEXT NOT NULL, text TEXT NOT NULL, digest TEXT NOT NULL,
    words TEXT NOT NULL, words_digest TEXT NOT NULL,
    keys BLOB NOT NULL, above INTEGER NOT NULL, sentences BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_by_path ON passages (path, start);
CREATE INDEX IF NOT EXISTS passages_by_words ON passages (words_digest);
CREATE TABLE IF NOT EXISTS latin (word TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, why TEXT NOT NULL, day INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS aliases (
    path TEXT NOT NULL, line INTEGER NOT NULL, one TEXT NOT NULL, other TEXT NOT NULL, banned INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS aliases_by_path ON aliases (path);
CREATE TABLE IF NOT EXISTS vectors (
    model TEXT NOT NULL, words_digest TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, words_digest)
) WITHOUT ROWID;
"""


def drop_others(connection: sqlite3.Connection, path: str, wanted: set[str]) -> set[str]:
    """Delete the passages of `path` that are not `wanted`; return the ids of those that stay."""
    there = {id_ for (id_,) in connection.execute("SELECT id FROM passages WHERE path = ?", (path,))}
    connection.executemany("DELETE FROM passages WHERE id = ?", [(id_,) for id_ in there - wanted])
    return there & wanted


def put_entry(connection: sqlite3.Connection, entry: Entry, moved: bool) -> None:
    values = columns_of(entry)
    if moved and _has_words(connection, entry):
        sets = "path=?, title=?, start=?, stop=?, first_line=?, last_line=?, heading=?, parents=?, text=?, digest=?"
        connection.execute(f"UPDATE passages SET {sets} WHERE id = ?", (*values[1:11], values[0]))  # noqa: S608
        return
    connection.execute("DELETE FROM passages WHERE id = ?", (entry.passage.id,))
    names = COLUMNS.removeprefix("row, ") + ", words, words_digest, keys, above, sentences"
    connection.execute(f"INSERT INTO passages ({names}) VALUES ({','.join('?' * 16)})", values)  # noqa: S608


def _has_words(connection: sqlite3.Connection, entry: Entry) -> bool:
    row = connection.execute("SELECT words_digest FROM passages WHERE id = ?", (entry.passage.id,)).fetchone()
    return bool(row and row[0] == entry.words_digest)


def put_note(connection: sqlite3.Connection, note: NoteRow) -> None:
    known = note.known
    front = pack_front(note.front)
    values = (note.path, known.digest, known.size, known.modified, known.read, note.title, front)
    connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def put_aliases(connection: sqlite3.Connection, path: str, aliases: Iterable[Alias]) -> None:
    connection.execute("DELETE FROM aliases WHERE path = ?", (path,))
    rows = [(alias.path, alias.line, alias.one, alias.other, alias.banned) for alias in aliases]
    connection.executemany("INSERT INTO aliases VALUES (?, ?, ?, ?, ?)", rows)


def set_fact(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def count_up(connection: sqlite3.Connection) -> None:
    query = "INSERT INTO facts VALUES ('revision', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
    connection.execute(query)


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
