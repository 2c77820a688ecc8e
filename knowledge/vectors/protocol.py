"""What every vector store does: it holds one vector for each row of a catalog and finds the rows nearest to another vector."""

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
