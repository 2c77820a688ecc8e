"""Terms of passages go in; a BM25 score for every passage comes out. The index is six arrays: exact, and read in place.

Why not SQLite's FTS5: its `bm25()` fixes k1, b and the weights of the terms, and costs ten times as much for the long OR
questions that Chinese text needs (`tests/benchmarks/search.py` prints both).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

K1, B = 0.9, 0.4
"""Saturation of term frequency, and how much of a passage's length is held against it (measured on CMRC 2018)."""

IDF_POWER = 1.3
"""Rare words count for more than BM25 gives them: questions about notes turn on names and terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Several ways to say one thing, which count as one term: each is a run of terms that must all be there, and its share."""

    alternatives: tuple[tuple[tuple[int, ...], float], ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Postings:
    """An inverted index over passages: `terms[i]` occurs in `docs[offsets[i]:offsets[i + 1]]`, so often as `counts` says."""

    rows: Rows
    """What each document's number stands for: its row in the catalog, ascending."""
    lengths: Floats
    """Terms in each document."""
    terms: Keys
    offsets: npt.NDArray[np.int64]
    docs: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint16]

    def of_run(self, terms: tuple[int, ...]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]:
        """The documents that hold all of `terms`, and how often the rarest of them."""
        docs, counts = self.of(terms[0])
        for term in terms[1:]:
            if not len(docs):
                break
            others, other_counts = self.of(term)
            docs, one, two = np.intersect1d(docs, others, assume_unique=True, return_indices=True)
            counts = np.minimum(counts[one], other_counts[two])
        return docs, counts

    def of(self, term: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]:
        """The documents that hold `term`, and how often."""
        at = int(np.searchsorted(self.terms, term))
        if at == len(self.terms) or self.terms[at] != term:
            return self.docs[:0], self.counts[:0]
        span = slice(self.offsets[at], self.offsets[at + 1])
        return self.docs[span], self.counts[span]


def build_postings(documents: Iterable[tuple[int, Keys]]) -> Postings:
    """Index `(row, term keys)` pairs; rows must ascend."""
    rows, keys = [], []
    for row, document in documents:
        rows.append(row)
        keys.append(document)
    lengths = np.array([len(document) for document in keys], np.int64)
    docs = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
    flat = np.concatenate(keys) if keys else np.empty(0, np.int64)
    order = np.argsort(flat, kind="stable")
    flat, docs = flat[order], docs[order]
    # One posting where the same term and the same document stand side by side.
    first = np.flatnonzero(np.concatenate([[True], (flat[1:] != flat[:-1]) | (docs[1:] != docs[:-1])])) if len(flat) else order
    counts = np.diff(np.append(first, len(flat)))
    terms, offsets = np.unique(flat[first], return_index=True)
    return Postings(
        rows=np.array(rows, np.int64),
        lengths=lengths.astype(np.float32),
        terms=terms,
        offsets=np.append(offsets, len(first)).astype(np.int64),
        docs=docs[first],
        counts=np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16),
    )


class LexicalIndex:
    """Several postings that are searched as one; documents that are gone are masked until the next merge."""

    def __init__(self, parts: Sequence[Postings], *, live: Rows | None = None) -> None:
        self._parts = tuple(parts)
        self.rows: Rows = np.concatenate([part.rows for part in parts]) if parts else np.empty(0, np.int64)
        self._mask = np.ones(len(self.rows), bool) if live is None else np.isin(self.rows, live)
        self._masks = np.split(self._mask, np.cumsum([len(part.rows) for part in parts])[:-1]) if parts else []
        self._whole = [bool(mask.all()) for mask in self._masks]
        self.count = int(np.count_nonzero(self._mask))
        self._living: set[int] | None = None
        self._frequencies: dict[int, int] = {}
        total = sum(float(part.lengths[mask].sum()) for part, mask in self._masked())
        mean = total / max(1, self.count) or 1.0
        self.idf_of_unseen = self._idf(0)
        self._norms = [(K1 * (1 - B + B * part.lengths / mean)).astype(np.float32) for part in parts]
        self._all_norms = np.concatenate(self._norms) if parts else np.empty(0, np.float32)

    def holds(self, row: int) -> bool:
        if self._living is None:
            self._living = set(self.rows[self._mask].tolist())
        return row in self._living

    def frequency(self, term: int) -> int:
        """How many living documents hold `term`."""
        if term not in self._frequencies:
            self._frequencies[term] = sum(self._frequency_in(at, term) for at in range(len(self._parts)))
        return self._frequencies[term]

    def _frequency_in(self, at: int, term: int) -> int:
        docs, _ = self._parts[at].of(term)
        return len(docs) if self._whole[at] else int(np.count_nonzero(self._masks[at][docs]))

    def idf(self, term: int) -> float:
        """How telling `term` is: Robertson and Spärck Jones' weight, kept positive, raised to `IDF_POWER`."""
        return self._idf(self.frequency(term))

    def _idf(self, frequency: int) -> float:
        return float(np.log(1 + (self.count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER)

    def scores(self, weights: Mapping[int, float]) -> Floats:
        """BM25 for every entry of `rows`, 0 where nothing matches; `weights` are the terms' weights times their idf."""
        scores = np.zeros(len(self.rows), np.float32)
        start = 0
        for part, norms in zip(self._parts, self._norms, strict=True):
            of_part = scores[start : start + len(part.rows)]
            for term, weight in weights.items():
                docs, counts = part.of(term)
                of_part[docs] += weight * (K1 + 1) * counts / (counts + norms[docs])
            start += len(part.rows)
        scores[~self._mask] = 0
        return scores

    def group_scores(self, group: Group) -> tuple[Floats, float]:
        """BM25 for every entry of `rows` as if the alternatives were one term, and the group's idf times its weight."""
        counts = np.zeros(len(self.rows), np.float32)
        start = 0
        for part in self._parts:
            of_part = counts[start : start + len(part.rows)]
            for run, share in group.alternatives:
                docs, found = part.of_run(run)
                of_part[docs] += share * found
            start += len(part.rows)
        counts[~self._mask] = 0
        weight = group.weight * self._idf(int(np.count_nonzero(counts)))
        return weight * (K1 + 1) * counts / (counts + self._all_norms), weight

    def _masked(self) -> Iterator[tuple[Postings, npt.NDArray[np.bool_]]]:
        yield from zip(self._parts, self._masks, strict=True)


def merge_postings(parts: Sequence[Postings], *, live: Rows) -> Postings:
    """One index in the place of several, without the documents that are not `live`."""
    alive = [np.isin(part.rows, live) for part in parts]
    terms, docs, counts, base = [], [], [], 0
    for part, mask in zip(parts, alive, strict=True):
        numbers = np.cumsum(mask) - 1 + base
        kept = mask[part.docs]
        terms.append(np.repeat(part.terms, np.diff(part.offsets))[kept])
        docs.append(numbers[part.docs[kept]].astype(np.int32))
        counts.append(part.counts[kept])
        base += int(mask.sum())
    flat = np.concatenate(terms)
    order = np.argsort(flat, kind="stable")
    distinct, offsets = np.unique(flat[order], return_index=True)
    return Postings(
        rows=np.concatenate([part.rows[mask] for part, mask in zip(parts, alive, strict=True)]),
        lengths=np.concatenate([part.lengths[mask] for part, mask in zip(parts, alive, strict=True)]),
        terms=distinct,
        offsets=np.append(offsets, len(flat)).astype(np.int64),
        docs=np.concatenate(docs)[order],
        counts=np.concatenate(counts)[order],
    )
