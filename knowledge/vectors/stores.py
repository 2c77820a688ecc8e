"""What every vector store does, and the store that is ready at once: vectors in one array, compared one by one.

It serves commands that end after one question, and every process until its Chroma collection is open and complete.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32] | npt.NDArray[np.float16]


class VectorsBroken(Exception):
    """The store cannot be read any more; whatever it held can be fed again from the catalog."""


class VectorsTaken(Exception):
    """Another process holds the store."""


class Vectors(Protocol):
    """A derived store: losing it costs a feed from the cached vectors, and nothing is embedded twice."""

    def rows(self) -> set[int]:
        """The rows it holds."""

    def add(self, vectors: Sequence[tuple[int, Vector, str]]) -> None:
        """Take in `(row, vector, words)`; a row that is there already is replaced."""

    def drop(self, rows: Collection[int]) -> None:
        """Forget rows; one that is not there is no error."""

    def nearest(self, vector: Vector, count: int) -> list[tuple[int, float]]:
        """Up to `count` pairs of row and cosine similarity, the nearest first."""


Fetch = Callable[[Sequence[int]], Iterable[tuple[int, Vector, str]]]
"""Rows go in; row, vector and words of those that have a vector come out."""


def feed(store: Vectors, *, live: Collection[int], fetch: Fetch, batch: int) -> Iterator[int]:
    """Make `store` hold the `live` rows that have a vector, and no others; yield after each batch how many it had."""
    there = store.rows()
    gone = there.difference(live)
    if gone:
        store.drop(gone)
    lacking = sorted(set(live) - there)
    for start in range(0, len(lacking), batch):
        found = list(fetch(lacking[start : start + batch]))
        store.add(found)
        yield len(found)


class ExactVectors:
    """A `Vectors` store in memory: exact, and fast up to some ten thousand passages."""

    def __init__(self) -> None:
        self._rows = np.empty(0, np.int64)
        self._matrix = np.empty((0, 0), np.float32)
        self._places: dict[int, int] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, row: int) -> bool:
        return row in self._place_of()

    def rows(self) -> set[int]:
        return set(self._rows.tolist())

    def add(self, vectors: Sequence[tuple[int, Vector, str]]) -> None:
        if not vectors:
            return
        if len(self._rows):
            self.drop([row for row, _, _ in vectors])
        added = np.array([vector for _, vector, _ in vectors], np.float32)
        lengths = np.linalg.norm(added, axis=1, keepdims=True)
        added /= np.where(lengths > 0, lengths, 1)
        self._matrix = np.concatenate([self._matrix, added]) if len(self._rows) else added
        self._rows = np.append(self._rows, [row for row, _, _ in vectors])
        self._places = None

    def drop(self, rows: Collection[int]) -> None:
        kept = ~np.isin(self._rows, list(rows))
        self._rows, self._matrix = self._rows[kept], self._matrix[kept]
        self._places = None

    def nearest(self, vector: Vector, count: int) -> list[tuple[int, float]]:
        if not len(self._rows):
            return []
        similarities = self._matrix @ _unit(vector)
        best = np.argsort(-similarities, kind="stable")[:count] if count >= len(similarities) else _largest(similarities, count)
        return [(int(self._rows[at]), float(similarities[at])) for at in best]

    def compare(self, vector: Vector, rows: Sequence[int]) -> list[tuple[int, float]]:
        """Those of `rows` that are there, the nearest first."""
        places = self._place_of()
        there = [row for row in rows if row in places]
        if not there:
            return []
        similarities = self._matrix[[places[row] for row in there]] @ _unit(vector)
        return [(there[at], float(similarities[at])) for at in np.argsort(-similarities, kind="stable").tolist()]

    def _place_of(self) -> dict[int, int]:
        if self._places is None:
            self._places = {row: at for at, row in enumerate(self._rows.tolist())}
        return self._places


def _largest(values: Vector, count: int) -> npt.NDArray[np.int64]:
    """Places of the `count` largest values, the largest first."""
    some = np.argpartition(-values, count)[:count]
    return some[np.argsort(-values[some], kind="stable")]


def _unit(vector: Vector) -> Vector:
    wide = np.asarray(vector, np.float32)
    length = float(np.linalg.norm(wide))
    return wide / length if length else wide
