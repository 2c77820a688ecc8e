"""What a model asked about passages goes in, by the passages' digests; it comes out again whenever cards are made.

It is dear (a model works for seconds on each passage), so it lies in a file of its own that outlasts every index.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.settings import Problem


class QuestionsProblem(Problem):
    """The file cannot be written or read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredQuestion:
    """A question, and where its answer stands in the passage's text, in code points."""

    question: str
    start: int
    end: int


class QuestionStore:
    """A file of questions by the digest of the passage that they are about; every call is one short transaction.

    Raises (every method):
        QuestionsProblem: the file cannot be written or read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def put(self, digest: str, model: str, pairs: Sequence[StoredQuestion]) -> None:
        """Keep what a model asked about a passage, in the place of what was asked before; that may be nothing."""
        text = json.dumps([asdict(pair) for pair in pairs], ensure_ascii=False)
        with self._connected() as connection:
            connection.execute("INSERT OR REPLACE INTO questions (digest, model, pairs) VALUES (?, ?, ?)", (digest, model, text))

    def done_by(self, model: str) -> frozenset[str]:
        """The digests of all passages that the model has been asked about."""
        if not self._file.exists():
            return frozenset()
        with self._connected() as connection:
            return frozenset(row[0] for row in connection.execute("SELECT digest FROM questions WHERE model = ?", (model,)))

    def all(self) -> Mapping[str, tuple[StoredQuestion, ...]]:
        """The questions by digest, also of passages that gave none."""
        if not self._file.exists():
            return {}
        with self._connected() as connection:
            rows = connection.execute("SELECT digest, pairs FROM questions").fetchall()
        return {digest: tuple(StoredQuestion(**pair) for pair in json.loads(pairs)) for digest, pairs in rows}

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=30)) as connection, connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS questions (digest TEXT PRIMARY KEY, model TEXT NOT NULL, pairs TEXT NOT NULL)"
                )
                yield connection
        except (sqlite3.DatabaseError, OSError) as error:
            raise QuestionsProblem(f"{self._file}: {error}") from error
