"""What is indexed of a passage: its words, its sentences and their term keys, and what a model wrote about it.

The latter is dear (a model works for seconds on each passage), so it lies in a file of its own that outlasts every index.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from knowledge import text
from knowledge.catalog import CatalogFull, Entry, Indexed
from knowledge.passages import SplitPassage, digest_of, plain, sentences, unread
from knowledge.text.names import names_of
from knowledge.types import Note

OPEN_BOX = re.compile(r"[ \t]*[-*+] \[ \] *")
TAG = re.compile(r"(?<![\w#])#(?!\d+(?!\w))([\w/-]+)")

MOST = 200_000
"""Passages; the oldest are forgotten first."""
LONGEST = 600
"""Characters kept of what is written about one passage."""
AT_ONCE = 500
"""Digests in one query."""


def entry_of(cut: SplitPassage, said: str = "", note: Note | None = None) -> Entry:
    """What is indexed of a passage: its sentences, the words above them, and what is `said` about it."""
    passage = cut.passage
    names = names_of(note.path, note.title, note.front) if note else (passage.title,)
    above = " › ".join([*names, *(words for words in passage.heading if words != passage.title), *passage.parents])
    words = f"{above}\n{cut.words}\n{said}".rstrip("\n") if said else f"{above}\n{cut.words}"
    latin = frozenset(word.lower() for word in text.chunks(words))
    indexed = _indexed(cut, above, said, note.front.tags if note else ())
    return Entry(passage=passage, words=words, words_digest=digest_of(words), indexed=indexed, latin=latin)


def _indexed(cut: SplitPassage, above: str, said: str, tags: Sequence[str]) -> Indexed:
    keys = text.keys(above) + [text.key_of(text.tag_term(tag)) for tag in tags]
    before = len(keys)
    table = []
    for start, end, words in sentences_of(cut):
        found = text.keys(words) + [text.key_of(mark) for mark in _marks(cut.passage.text, start, end)]
        keys += found
        table.append((start, end, len(found)))
    # Once each, and only what the passage itself does not say: its own words must go on telling it from others.
    own = set(keys)
    keys += dict.fromkeys(key for key in text.keys(said) if key not in own)
    return Indexed(keys=np.array(keys, np.int64), above=before, sentences=np.array(table, np.int32).reshape(-1, 3))


def _marks(markdown: str, start: int, end: int) -> Iterator[str]:
    """The terms of the marks on a sentence: an open task, tags."""
    if OPEN_BOX.fullmatch(markdown, markdown.rfind("\n", 0, start) + 1, start):
        yield text.OPEN_TASK
    if "#" in markdown[start:end]:
        yield from (text.tag_term(tag[1]) for tag in TAG.finditer(markdown, start, end))


def sentences_of(cut: SplitPassage) -> Iterator[tuple[int, int, str]]:
    """Start, end and words of each sentence; a passage cut out of markup is taken as one, for its words lie apart in it."""
    text = cut.passage.text
    if cut.markup:
        yield 0, len(text), cut.words
        return
    hidden = unread(text)
    for start, end in sentences(text):
        if not any(first <= start and end <= last for first, last in hidden):
            yield start, end, plain(text[start:end])


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
