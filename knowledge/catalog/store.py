"""The tables of a catalog: every call is one short query or one transaction."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import randbits

import numpy as np
import numpy.typing as npt

from knowledge.catalog.values import (
    COLUMNS,
    Entry,
    Indexed,
    Known,
    NoteRow,
    columns_of,
    front_of,
    indexed_of,
    pack_front,
    passage_of,
)
from knowledge.types import ALIAS_FILE, Alias, FrontMatter, Passage

FORMAT = 2
"""Goes up with every change of the tables; a file of another format is not opened but built anew beside it."""

QUESTION = "asked:"
"""Before the digest of a question, so that it is not taken for one of a passage's words."""

PATIENCE_S = 30.0
"""For another process that is writing."""

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
CREATE TABLE IF NOT EXISTS aliases (
    path TEXT NOT NULL, line INTEGER NOT NULL, one TEXT NOT NULL, other TEXT NOT NULL, banned INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS aliases_by_path ON aliases (path);
CREATE TABLE IF NOT EXISTS vectors (
    model TEXT NOT NULL, words_digest TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, words_digest)
) WITHOUT ROWID;
"""


class CatalogBroken(Exception):
    """The file cannot be used; it holds nothing that the notes do not, so it may be deleted and built anew."""


class CatalogFull(Exception):
    """The disk is full, or the file may not be written; the message says which."""


class Catalog:
    """One generation of the index. Safe to use from several threads and processes at once; every call is short."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        with self._vendor_errors():
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection().executescript(SCHEMA)
        if not self._fact("birth"):
            with self._transaction() as connection:
                connection.execute("INSERT OR IGNORE INTO facts VALUES ('birth', ?)", (randbits(62),))

    def close(self) -> None:
        """Close every thread's connection; only when no call is under way."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()

    # Reading

    def revision(self) -> int:
        """Goes up with every change of the passages; costs some ten microseconds."""
        return self._fact("revision")

    def birth(self) -> int:
        """A number that no other catalog has: what is fed with this one's rows knows them by it."""
        return self._fact("birth")

    def is_complete(self) -> bool:
        """True once every note of the vault has been through this catalog."""
        return bool(self._fact("complete"))

    def notes(self) -> dict[str, Known]:
        """Every note by its path."""
        query = "SELECT path, digest, size, modified, read FROM notes"
        with self._vendor_errors():
            rows = self._connection().execute(query)
            return {path: Known(digest=d, size=s, modified=m, read=r) for path, d, s, m, r in rows}

    def fronts(self) -> list[tuple[str, str, FrontMatter]]:
        """Path, title and front matter of every note, by path."""
        with self._vendor_errors():
            rows = self._connection().execute("SELECT path, title, front FROM notes ORDER BY path").fetchall()
        return [(path, title, front_of(front)) for path, title, front in rows]

    def rows(self) -> npt.NDArray[np.int64]:
        """The rows of all passages, ascending."""
        with self._vendor_errors():
            rows = self._connection().execute("SELECT row FROM passages").fetchall()
        return np.sort(np.array(rows, np.int64).reshape(-1))  # in SQLite's order it would read every passage's text

    def keys_after(self, row: int) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """The term keys of the passages whose row is above `row`, ascending."""
        with self._vendor_errors():
            for at, blob in self._connection().execute("SELECT row, keys FROM passages WHERE row > ? ORDER BY row", (row,)):
                yield at, np.frombuffer(blob, np.int64)

    def indexed(self, rows: Sequence[int]) -> dict[int, Indexed]:
        """What is indexed of the passages at `rows`."""
        query = f"SELECT row, keys, above, sentences FROM passages WHERE row IN ({_marks(rows)})"  # noqa: S608
        with self._vendor_errors():
            return {row: indexed_of(*packed) for row, *packed in self._connection().execute(query, tuple(rows))}

    def passages(self, rows: Sequence[int]) -> dict[int, Passage]:
        """The passages at `rows`; one that is gone by now is missing from the answer."""
        return dict(self._select(f"row IN ({_marks(rows)})", tuple(rows)))

    def passages_of_note(self, path: str) -> list[Passage]:
        """The passages of one note, in order."""
        return [passage for _, passage in self._select("path = ? ORDER BY start", (path,))]

    def all_passages(self) -> Iterator[Passage]:
        """Every passage, note by note."""
        return (passage for _, passage in self._select("1 ORDER BY path, start", ()))

    def latin_words(self) -> frozenset[str]:
        """Every Latin word that ever stood in a note of this generation, in lower case."""
        with self._vendor_errors():
            return frozenset(word for (word,) in self._connection().execute("SELECT word FROM latin"))

    def aliases(self) -> list[Alias]:
        """All pairs of names that the notes or their owner give, the owner's first."""
        query = "SELECT one, other, path, line, banned FROM aliases ORDER BY path <> ?, path, line, rowid"
        with self._vendor_errors():
            rows = self._connection().execute(query, (ALIAS_FILE,)).fetchall()
        return [Alias(one=one, other=other, path=path, line=line, banned=bool(ban)) for one, other, path, line, ban in rows]

    def counts(self) -> tuple[int, int]:
        """How many notes and passages there are."""
        query = "SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM passages)"
        with self._vendor_errors():
            notes, passages = self._connection().execute(query).fetchone()
        return notes, passages

    # Writing

    def put(self, note: NoteRow, entries: Sequence[Entry], aliases: Iterable[Alias] = ()) -> None:
        """Replace a note, its passages and its aliases in one transaction; a passage that stayed the same keeps its row."""
        with self._transaction() as connection:
            _put_aliases(connection, note.path, aliases)
            latin = {(word,) for entry in entries for word in entry.latin}
            connection.executemany("INSERT OR IGNORE INTO latin VALUES (?)", sorted(latin))
            kept = self._drop_others(connection, note.path, {entry.passage.id for entry in entries})
            for entry in entries:
                self._put_entry(connection, entry, entry.passage.id in kept)
            self._put_note(connection, note)
            _count_up(connection)

    def touch(self, path: str, known: Known) -> None:
        """Remember that a note was looked at and has not changed."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE notes SET size = ?, modified = ?, read = ? WHERE path = ?", (known.size, known.modified, known.read, path)
            )

    def remove(self, paths: Iterable[str]) -> None:
        """Forget notes and their passages."""
        with self._transaction() as connection:
            for path in paths:
                connection.execute("DELETE FROM passages WHERE path = ?", (path,))
                connection.execute("DELETE FROM notes WHERE path = ?", (path,))
                _put_aliases(connection, path, ())
            _count_up(connection)

    def own_aliases_are(self, digest: int) -> bool:
        """True when the owner's aliases were taken up from a file with this digest; 0 stands for no file."""
        return self._fact("own_aliases") == digest

    def put_own_aliases(self, digest: int, aliases: Iterable[Alias]) -> None:
        """Replace the owner's aliases; `digest` is of the file they come from."""
        with self._transaction() as connection:
            _put_aliases(connection, ALIAS_FILE, aliases)
            _set_fact(connection, "own_aliases", digest)
            _count_up(connection)

    def enriched(self) -> int:
        """The number that `set_enriched` was given last."""
        return self._fact("enriched")

    def set_enriched(self, number: int) -> None:
        """Remember up to where what is written about passages has been taken up."""
        with self._transaction() as connection:
            _set_fact(connection, "enriched", number)

    def set_complete(self) -> None:
        with self._transaction() as connection:
            _set_fact(connection, "complete", 1)

    def make_durable(self) -> None:
        """Have everything that is written by now outlast a power cut, as far as readers let it."""
        with self._vendor_errors():
            self._connection().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    # Vectors

    def words_without_vector(self, model: str, limit: int) -> list[tuple[str, str]]:
        """Up to `limit` pairs of digest and words that `model` has not embedded yet."""
        query = """SELECT DISTINCT p.words_digest, p.words FROM passages p LEFT JOIN vectors v
                   ON v.model = ? AND v.words_digest = p.words_digest WHERE v.vector IS NULL LIMIT ?"""
        with self._vendor_errors():
            return self._connection().execute(query, (model, limit)).fetchall()

    def count_without_vector(self, model: str) -> int:
        """How many different words `model` has not embedded yet."""
        query = """SELECT count(DISTINCT words_digest) FROM passages
                   WHERE words_digest NOT IN (SELECT words_digest FROM vectors WHERE model = ?)"""
        with self._vendor_errors():
            return int(self._connection().execute(query, (model,)).fetchone()[0])

    def put_vectors(self, model: str, vectors: Iterable[tuple[str, npt.NDArray[np.float32]]]) -> None:
        """Cache vectors by the digest of the words they stand for, at half precision."""
        rows = [(model, digest, vector.astype(np.float16).tobytes()) for digest, vector in vectors]
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
            _count_up(connection)

    def put_question_vector(self, model: str, digest: str, vector: npt.NDArray[np.float32]) -> None:
        """Cache the vector of a question that is asked again and again, by the question's digest."""
        row = (model, QUESTION + digest, vector.astype(np.float16).tobytes())
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", row)

    def question_vectors(self, model: str, digests: Iterable[str]) -> dict[str, npt.NDArray[np.float16]]:
        """Those that are cached, by the questions' digests."""
        wanted = [QUESTION + digest for digest in digests]
        query = f"SELECT words_digest, vector FROM vectors WHERE model = ? AND words_digest IN ({_marks(wanted)})"  # noqa: S608
        with self._vendor_errors():
            found = self._connection().execute(query, (model, *wanted)).fetchall()
        return {digest.removeprefix(QUESTION): np.frombuffer(blob, np.float16) for digest, blob in found}

    def vectors(
        self, model: str, rows: Sequence[int]
    ) -> list[tuple[int, npt.NDArray[np.float32] | npt.NDArray[np.float16], str]]:
        """Row, vector and words of those of `rows` that `model` has embedded."""
        query = f"""SELECT p.row, v.vector, p.words FROM passages p CROSS JOIN vectors v
                    ON v.model = ? AND v.words_digest = p.words_digest WHERE p.row IN ({_marks(rows)})"""  # noqa: S608
        with self._vendor_errors():
            found = self._connection().execute(query, (model, *rows)).fetchall()
        return [(row, np.frombuffer(blob, np.float16), words) for row, blob, words in found]

    def drop_unused_vectors(self, model: str) -> None:
        """Forget what nobody needs: vectors of other models, and of words that are gone once these are the larger part."""
        unused = "words_digest NOT LIKE 'asked:%' AND words_digest NOT IN (SELECT words_digest FROM passages)"
        with self._transaction() as connection:
            connection.execute("DELETE FROM vectors WHERE model <> ?", (model,))
            gone, total = connection.execute(f"SELECT count(*) FILTER (WHERE {unused}), count(*) FROM vectors").fetchone()  # noqa: S608
            if 2 * gone > total and gone < total:
                connection.execute(f"DELETE FROM vectors WHERE {unused}")  # noqa: S608

    def check(self) -> str:
        """SQLite's own word on the file: `ok`, or what is broken."""
        with self._vendor_errors():
            return str(self._connection().execute("PRAGMA quick_check(1)").fetchone()[0])

    # Inside

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.file, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
            _switch_to_wal(connection)
            # A power cut may cost the last transactions, never the file: the notes bring them back.
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._vendor_errors():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _vendor_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            name = getattr(error, "sqlite_errorname", "")
            if name in ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR_WRITE", "SQLITE_CANTOPEN", "SQLITE_BUSY"):
                raise CatalogFull(f"{self.file}: {error}") from error
            raise CatalogBroken(f"{self.file}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise CatalogBroken(f"{self.file}: {error}") from error
        except OSError as error:
            raise CatalogFull(f"{self.file}: {error.strerror or error}") from error

    def _fact(self, name: str) -> int:
        with self._vendor_errors():
            row = self._connection().execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _select(self, condition: str, values: tuple[object, ...]) -> Iterator[tuple[int, Passage]]:
        with self._vendor_errors():
            cursor = self._connection().execute(f"SELECT {COLUMNS} FROM passages WHERE {condition}", values)  # noqa: S608
            yield from ((row[0], passage_of(row)) for row in cursor)

    def _drop_others(self, connection: sqlite3.Connection, path: str, wanted: set[str]) -> set[str]:
        """Delete the passages of `path` that are not `wanted`; return the ids of those that stay."""
        there = {id_ for (id_,) in connection.execute("SELECT id FROM passages WHERE path = ?", (path,))}
        connection.executemany("DELETE FROM passages WHERE id = ?", [(id_,) for id_ in there - wanted])
        return there & wanted

    def _put_entry(self, connection: sqlite3.Connection, entry: Entry, moved: bool) -> None:
        values = columns_of(entry)
        if moved and self._has_words(connection, entry):
            sets = "path=?, title=?, start=?, stop=?, first_line=?, last_line=?, heading=?, parents=?, text=?, digest=?"
            connection.execute(f"UPDATE passages SET {sets} WHERE id = ?", (*values[1:11], values[0]))  # noqa: S608
            return
        connection.execute("DELETE FROM passages WHERE id = ?", (entry.passage.id,))
        names = COLUMNS.removeprefix("row, ") + ", words, words_digest, keys, above, sentences"
        connection.execute(f"INSERT INTO passages ({names}) VALUES ({','.join('?' * 16)})", values)  # noqa: S608

    def _has_words(self, connection: sqlite3.Connection, entry: Entry) -> bool:
        row = connection.execute("SELECT words_digest FROM passages WHERE id = ?", (entry.passage.id,)).fetchone()
        return bool(row and row[0] == entry.words_digest)

    def _put_note(self, connection: sqlite3.Connection, note: NoteRow) -> None:
        known = note.known
        front = pack_front(note.front)
        values = (note.path, known.digest, known.size, known.modified, known.read, note.title, front)
        connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def _put_aliases(connection: sqlite3.Connection, path: str, aliases: Iterable[Alias]) -> None:
    connection.execute("DELETE FROM aliases WHERE path = ?", (path,))
    rows = [(alias.path, alias.line, alias.one, alias.other, alias.banned) for alias in aliases]
    connection.executemany("INSERT INTO aliases VALUES (?, ?, ?, ?, ?)", rows)


def _set_fact(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def _count_up(connection: sqlite3.Connection) -> None:
    query = "INSERT INTO facts VALUES ('revision', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
    connection.execute(query)


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


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
