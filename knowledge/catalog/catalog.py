"""The catalog: every call is one short query or one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from secrets import randbits

import numpy as np
import numpy.typing as npt

from knowledge.catalog.schema import (
    COLUMNS,
    SCHEMA,
    CatalogFile,
    Entry,
    Indexed,
    NoteRecord,
    NoteRow,
    RefusedNote,
    count_up,
    drop_others,
    front_of,
    indexed_of,
    passage_of,
    put_aliases,
    put_entry,
    put_note,
    set_fact,
)
from knowledge.types import ALIAS_FILE, Alias, FrontMatter, Passage

BEGINNING = 300
"""Characters of a note that say how it begins."""
QUESTION = "asked:"
"""Before the digest of a question, so that it is not taken for one of a passage's words."""


class Catalog:
    """One generation of the index. Safe to use from several threads and processes at once; every call is short."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._sqlite = CatalogFile(file, SCHEMA)
        if not self._fact("birth"):
            with self._sqlite.writing() as connection:
                connection.execute("INSERT OR IGNORE INTO facts VALUES ('birth', ?)", (randbits(62),))

    def close(self) -> None:
        """Close every thread's connection; only when no call is under way."""
        self._sqlite.close()

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

    def notes(self) -> dict[str, NoteRecord]:
        """Every note by its path."""
        query = "SELECT path, digest, size, modified, read FROM notes"
        with self._sqlite.reading() as connection:
            rows = connection.execute(query)
            return {path: NoteRecord(digest=d, size=s, modified=m, read=r) for path, d, s, m, r in rows}

    def fronts(self) -> list[tuple[str, str, FrontMatter]]:
        """Path, title and front matter of every note, by path."""
        with self._sqlite.reading() as connection:
            rows = connection.execute("SELECT path, title, front FROM notes ORDER BY path").fetchall()
        return [(path, title, front_of(front)) for path, title, front in rows]

    def shapes(self) -> list[tuple[str, str, tuple[str, ...], int, str]]:
        """Path, title, heading and length of every passage, and the beginning of the first one of a note; note by note."""
        first = "row_number() OVER (PARTITION BY path ORDER BY start) = 1"
        query = f"""SELECT path, title, heading, stop - start, CASE WHEN {first} THEN substr(text, 1, ?) ELSE '' END
                    FROM passages ORDER BY path, start"""  # noqa: S608
        with self._sqlite.reading() as connection:
            rows = connection.execute(query, (BEGINNING,)).fetchall()
        return [(path, title, tuple(json.loads(heading)), length, beginning) for path, title, heading, length, beginning in rows]

    def rows(self) -> npt.NDArray[np.int64]:
        """The rows of all passages, ascending."""
        with self._sqlite.reading() as connection:
            rows = connection.execute("SELECT row FROM passages").fetchall()
        return np.sort(np.array(rows, np.int64).reshape(-1))  # in SQLite's order it would read every passage's text

    def keys_after(self, row: int) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """The term keys of the passages whose row is above `row`, ascending."""
        with self._sqlite.reading() as connection:
            for at, blob in connection.execute("SELECT row, keys FROM passages WHERE row > ? ORDER BY row", (row,)):
                yield at, np.frombuffer(blob, np.int64)

    def indexed(self, rows: Sequence[int]) -> dict[int, Indexed]:
        """What is indexed of the passages at `rows`."""
        query = f"SELECT row, keys, above, sentences FROM passages WHERE row IN ({_marks(rows)})"  # noqa: S608
        with self._sqlite.reading() as connection:
            return {row: indexed_of(*packed) for row, *packed in connection.execute(query, tuple(rows))}

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
        with self._sqlite.reading() as connection:
            return frozenset(word for (word,) in connection.execute("SELECT word FROM latin"))

    def aliases(self) -> list[Alias]:
        """All pairs of names that the notes or their owner give, the owner's first."""
        query = "SELECT one, other, path, line, banned FROM aliases ORDER BY path <> ?, path, line, rowid"
        with self._sqlite.reading() as connection:
            rows = connection.execute(query, (ALIAS_FILE,)).fetchall()
        return [Alias(one=one, other=other, path=path, line=line, banned=bool(ban)) for one, other, path, line, ban in rows]

    def counts(self) -> tuple[int, int]:
        """How many notes and passages there are."""
        query = "SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM passages)"
        with self._sqlite.reading() as connection:
            notes, passages = connection.execute(query).fetchone()
        return notes, passages

    def refused(self) -> list[RefusedNote]:
        """The files that could not be read, by path."""
        with self._sqlite.reading() as connection:
            rows = connection.execute("SELECT path, size, modified, why, day FROM refused ORDER BY path").fetchall()
        return [RefusedNote(path=path, size=size, modified=modified, why=why, day=day) for path, size, modified, why, day in rows]

    # Writing

    def refuse(self, note: RefusedNote) -> None:
        """Remember a file that could not be read."""
        with self._sqlite.writing() as connection:
            row = (note.path, note.size, note.modified, note.why, note.day)
            connection.execute("INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)", row)

    def forget_refused(self, paths: Iterable[str]) -> None:
        """Files that are tried again, or gone."""
        rows = [(path,) for path in paths]
        if rows:
            with self._sqlite.writing() as connection:
                connection.executemany("DELETE FROM refused WHERE path = ?", rows)

    def put(self, note: NoteRow, entries: Sequence[Entry], aliases: Iterable[Alias] = ()) -> None:
        """Replace a note, its passages and its aliases in one transaction; a passage that stayed the same keeps its row."""
        with self._sqlite.writing() as connection:
            put_aliases(connection, note.path, aliases)
            latin = {(word,) for entry in entries for word in entry.latin}
            connection.executemany("INSERT OR IGNORE INTO latin VALUES (?)", sorted(latin))
            kept = drop_others(connection, note.path, {entry.passage.id for entry in entries})
            for entry in entries:
                put_entry(connection, entry, entry.passage.id in kept)
            put_note(connection, note)
            count_up(connection)

    def touch(self, path: str, known: NoteRecord) -> None:
        """Remember that a note was looked at and has not changed."""
        with self._sqlite.writing() as connection:
            connection.execute(
                "UPDATE notes SET size = ?, modified = ?, read = ? WHERE path = ?", (known.size, known.modified, known.read, path)
            )

    def remove(self, paths: Iterable[str]) -> None:
        """Forget notes and their passages."""
        with self._sqlite.writing() as connection:
            for path in paths:
                connection.execute("DELETE FROM passages WHERE path = ?", (path,))
                connection.execute("DELETE FROM notes WHERE path = ?", (path,))
                put_aliases(connection, path, ())
            count_up(connection)

    def own_aliases_are(self, digest: int) -> bool:
        """True when the owner's aliases were taken up from a file with this digest; 0 stands for no file."""
        return self._fact("own_aliases") == digest

    def put_own_aliases(self, digest: int, aliases: Iterable[Alias]) -> None:
        """Replace the owner's aliases; `digest` is of the file they come from."""
        with self._sqlite.writing() as connection:
            put_aliases(connection, ALIAS_FILE, aliases)
            set_fact(connection, "own_aliases", digest)
            count_up(connection)

    def enriched(self) -> int:
        """The number that `set_enriched` was given last."""
        return self._fact("enriched")

    def set_enriched(self, number: int) -> None:
        """Remember up to where what is written about passages has been taken up."""
        with self._sqlite.writing() as connection:
            set_fact(connection, "enriched", number)

    def set_complete(self) -> None:
        with self._sqlite.writing() as connection:
            set_fact(connection, "complete", 1)

    def make_durable(self) -> None:
        """Have everything that is written by now outlast a power cut, as far as readers let it."""
        with self._sqlite.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    # Vectors

    def words_without_vector(self, model: str, limit: int) -> list[tuple[str, str]]:
        """Up to `limit` pairs of digest and words that `model` has not embedded yet."""
        query = """SELECT DISTINCT p.words_digest, p.words FROM passages p LEFT JOIN vectors v
                   ON v.model = ? AND v.words_digest = p.words_digest WHERE v.vector IS NULL LIMIT ?"""
        with self._sqlite.reading() as connection:
            return connection.execute(query, (model, limit)).fetchall()

    def count_without_vector(self, model: str) -> int:
        """How many different words `model` has not embedded yet."""
        query = """SELECT count(DISTINCT words_digest) FROM passages
                   WHERE words_digest NOT IN (SELECT words_digest FROM vectors WHERE model = ?)"""
        with self._sqlite.reading() as connection:
            return int(connection.execute(query, (model,)).fetchone()[0])

    def put_vectors(self, model: str, vectors: Iterable[tuple[str, npt.NDArray[np.float32]]]) -> None:
        """Cache vectors by the digest of the words they stand for, at half precision."""
        rows = [(model, digest, vector.astype(np.float16).tobytes()) for digest, vector in vectors]
        with self._sqlite.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
            count_up(connection)

    def put_question_vector(self, model: str, digest: str, vector: npt.NDArray[np.float32]) -> None:
        """Cache the vector of a question that is asked again and again, by the question's digest."""
        row = (model, QUESTION + digest, vector.astype(np.float16).tobytes())
        with self._sqlite.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", row)

    def question_vectors(self, model: str, digests: Iterable[str]) -> dict[str, npt.NDArray[np.float16]]:
        """Those that are cached, by the questions' digests."""
        wanted = [QUESTION + digest for digest in digests]
        query = f"SELECT words_digest, vector FROM vectors WHERE model = ? AND words_digest IN ({_marks(wanted)})"  # noqa: S608
        with self._sqlite.reading() as connection:
            found = connection.execute(query, (model, *wanted)).fetchall()
        return {digest.removeprefix(QUESTION): np.frombuffer(blob, np.float16) for digest, blob in found}

    def vectors(
        self, model: str, rows: Sequence[int]
    ) -> list[tuple[int, npt.NDArray[np.float32] | npt.NDArray[np.float16], str]]:
        """Row, vector and words of those of `rows` that `model` has embedded."""
        query = f"""SELECT p.row, v.vector, p.words FROM passages p CROSS JOIN vectors v
                    ON v.model = ? AND v.words_digest = p.words_digest WHERE p.row IN ({_marks(rows)})"""  # noqa: S608
        with self._sqlite.reading() as connection:
            found = connection.execute(query, (model, *rows)).fetchall()
        return [(row, np.frombuffer(blob, np.float16), words) for row, blob, words in found]

    def drop_unused_vectors(self, model: str) -> None:
        """Forget what nobody needs: vectors of other models, and of words that are gone once these are the larger part."""
        unused = "words_digest NOT LIKE 'asked:%' AND words_digest NOT IN (SELECT words_digest FROM passages)"
        with self._sqlite.writing() as connection:
            connection.execute("DELETE FROM vectors WHERE model <> ?", (model,))
            gone, total = connection.execute(f"SELECT count(*) FILTER (WHERE {unused}), count(*) FROM vectors").fetchone()  # noqa: S608
            if 2 * gone > total and gone < total:
                connection.execute(f"DELETE FROM vectors WHERE {unused}")  # noqa: S608

    def check(self) -> str:
        """SQLite's own word on the file: `ok`, or what is broken."""
        with self._sqlite.reading() as connection:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])

    # Inside

    def _fact(self, name: str) -> int:
        with self._sqlite.reading() as connection:
            row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _select(self, condition: str, values: tuple[object, ...]) -> Iterator[tuple[int, Passage]]:
        with self._sqlite.reading() as connection:
            cursor = connection.execute(f"SELECT {COLUMNS} FROM passages WHERE {condition}", values)  # noqa: S608
            yield from ((row[0], passage_of(row)) for row in cursor)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
