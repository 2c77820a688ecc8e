"""BM25 index over passages: six arrays, exact, and read in place.

Why not SQLite's FTS5: its `bm25()` fixes k1, b and the weights of the terms, and costs ten times as much for the long OR
questions that Chinese text needs (`tests/benchmarks/search.py` prints both).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

K1, B = 0.9, 0.4
"""Saturation of term frequency, and how much of a passage's length is held against it (measured on CMRC 2018)."""

IDF_POWER = 1.3
"""Rare words count for more than BM25 gives them: questions about notes turn on names and terms."""

BATCH = 500
"""Documents indexed at a time: small arrays are sorted in the processor's cache, and merging them costs little."""

K = TypeVar("K")
V = TypeVar("V")
COMMON, COMMON_BYTES = 1 / 32, 64 * 1024 * 1024
"""The share of documents that a common term occurs in, and the memory for what common terms count in each document."""
SMALL = 1000
"""Documents; in an index of so few, every term is treated as a common one."""


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
    rest = iter(documents)
    batches = iter(lambda: list(islice(rest, BATCH)), [])
    parts = [_of_batch(batch) for batch in batches] or [_of_batch([])]
    return parts[0] if len(parts) == 1 else merge_postings(parts, live=np.concatenate([part.rows for part in parts]))


def _of_batch(documents: Sequence[tuple[int, Keys]]) -> Postings:
    lengths = np.array([len(keys) for _, keys in documents], np.int64)
    docs = np.repeat(np.arange(len(documents), dtype=np.int32), lengths)
    flat = np.concatenate([keys for _, keys in documents]) if documents else np.empty(0, np.int64)
    order = np.argsort(flat, kind="stable")
    flat, docs = flat[order], docs[order]
    # One posting where the same term and the same document stand side by side.
    first = np.flatnonzero(np.concatenate([[True], (flat[1:] != flat[:-1]) | (docs[1:] != docs[:-1])])) if len(flat) else order
    counts = np.diff(np.append(first, len(flat)))
    terms, offsets = np.unique(flat[first], return_index=True)
    return Postings(
        rows=np.array([row for row, _ in documents], np.int64),
        lengths=lengths.astype(np.float32),
        terms=terms,
        offsets=np.append(offsets, len(first)).astype(np.int64),
        docs=docs[first],
        counts=np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16),
    )


class Bm25Index:
    """Several postings that are searched as one; documents that are gone are masked until the next merge."""

    def __init__(self, parts: Sequence[Postings], *, live: Rows | None = None) -> None:
        self._parts = tuple(parts)
        self.rows: Rows = np.concatenate([part.rows for part in parts]) if parts else np.empty(0, np.int64)
        self._mask = np.ones(len(self.rows), bool) if live is None else np.isin(self.rows, live)
        self._masks = np.split(self._mask, np.cumsum([len(part.rows) for part in parts])[:-1]) if parts else []
        self._whole = [bool(mask.all()) for mask in self._masks]
        self.count = int(np.count_nonzero(self._mask))
        self._frequencies: dict[int, int] = {}
        self._idfs: dict[int, float] = {}
        self._saturations: dict[int, Floats] = {}
        self._groups: dict[Group, tuple[Floats, float]] = {}
        total = sum(float(part.lengths[mask].sum()) for part, mask in self._masked())
        mean = total / max(1, self.count) or 1.0
        self.idf_of_unseen = self._idf(0)
        self._norms = [(K1 * (1 - B + B * part.lengths / mean)).astype(np.float32) for part in parts]
        self._all_norms = np.concatenate(self._norms) if parts else np.empty(0, np.float32)

    def holds(self, row: int) -> bool:
        at = int(np.searchsorted(self.rows, row))
        return at < len(self.rows) and bool(self.rows[at] == row and self._mask[at])

    def frequency(self, term: int) -> int:
        """How many living documents hold `term`."""
        if term not in self._frequencies:
            self._frequencies[term] = sum(self._frequency_in(at, term) for at in range(len(self._parts)))
        return self._frequencies[term]

    def holds_run(self, terms: tuple[int, ...]) -> bool:
        """Whether any document holds all of `terms`."""
        return bool(terms) and any(len(part.of_run(terms)[0]) for part in self._parts)

    def _frequency_in(self, at: int, term: int) -> int:
        docs, _ = self._parts[at].of(term)
        return len(docs) if self._whole[at] else int(np.count_nonzero(self._masks[at][docs]))

    def idf(self, term: int) -> float:
        """How telling `term` is: Robertson and Spärck Jones' weight, kept positive, raised to `IDF_POWER`."""
        if term not in self._idfs:
            self._idfs[term] = self._idf(self.frequency(term))
        return self._idfs[term]

    def _idf(self, frequency: int) -> float:
        return float(np.log(1 + (self.count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER)

    def scores(self, weights: Mapping[int, float]) -> Floats:
        """BM25 for every entry of `rows`, 0 where nothing matches; `weights` are the terms' weights times their idf."""
        scores = np.zeros(len(self.rows), np.float32)
        for term, weight in weights.items():
            if len(self.rows) <= SMALL or self.frequency(term) > COMMON * self.count:
                scores += np.float32(weight) * self._saturation(term)
            else:
                self._add(term, np.float32(weight), scores)
        scores[~self._mask] = 0
        return scores

    def _add(self, term: int, weight: np.float32, scores: Floats) -> None:
        """Add to `scores` what `term` counts in each document that holds it."""
        start = 0
        for part, norms in zip(self._parts, self._norms, strict=True):
            docs, counts = part.of(term)
            if len(docs):
                often = counts.astype(np.float32)
                scores[start : start + len(part.rows)][docs] += weight * np.float32(K1 + 1) * often / (often + norms[docs])
            start += len(part.rows)

    def _saturation(self, term: int) -> Floats:
        """What a common `term` counts in every document, at a weight of 1: adding whole arrays is several times as fast."""
        if term not in self._saturations:
            self._make_room(self._saturations)
            self._saturations[term] = np.zeros(len(self.rows), np.float32)
            self._add(term, np.float32(1), self._saturations[term])
        return self._saturations[term]

    def group_scores(self, group: Group) -> tuple[Floats, float]:
        """BM25 for every entry of `rows` as if the alternatives were one term, and the group's idf times its weight."""
        if group not in self._groups:
            self._make_room(self._groups)
            self._groups[group] = self._group_scores(group)
        return self._groups[group]

    def _group_scores(self, group: Group) -> tuple[Floats, float]:
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

    def _make_room(self, kept: dict[K, V]) -> None:
        """Drop the oldest of what is kept for each document, 200 bytes of overhead included."""
        while len(kept) * (len(self.rows) * 4 + 200) > COMMON_BYTES:
            kept.pop(next(iter(kept)))

    def _masked(self) -> Iterator[tuple[Postings, npt.NDArray[np.bool_]]]:
        yield from zip(self._parts, self._masks, strict=True)


def merge_postings(parts: Sequence[Postings], *, live: Rows) -> Postings:
    """One index in the place of several, without the documents that are not `live`; rows ascend from part to part."""
    alive = [np.isin(part.rows, live) for part in parts]
    terms = np.unique(np.concatenate([part.terms for part in parts]))
    kept = [mask[part.docs] for part, mask in zip(parts, alive, strict=True)]
    sizes = [np.diff(np.concatenate([[0], np.cumsum(of_part)])[part.offsets]) for part, of_part in zip(parts, kept, strict=True)]
    totals = np.zeros(len(terms), np.int64)
    places = [np.searchsorted(terms, part.terms) for part in parts]
    for place, size in zip(places, sizes, strict=True):
        totals[place] += size
    offsets = np.concatenate([[0], np.cumsum(totals)])
    docs, counts = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.uint16)
    free, base = offsets[:-1].copy(), 0
    for part, mask, of_part, place, size in zip(parts, alive, kept, places, sizes, strict=True):
        # Each term's documents of this part go behind those of the parts before it: nothing has to be sorted.
        to = np.repeat(free[place] - (np.cumsum(size) - size), size) + np.arange(size.sum())
        docs[to] = (np.cumsum(mask, dtype=np.int32) - 1 + base)[part.docs[of_part]]
        counts[to] = part.counts[of_part]
        free[place] += size
        base += int(mask.sum())
    there = totals > 0
    return Postings(
        rows=np.concatenate([part.rows[mask] for part, mask in zip(parts, alive, strict=True)]),
        lengths=np.concatenate([part.lengths[mask] for part, mask in zip(parts, alive, strict=True)]),
        terms=terms[there],
        offsets=np.append(offsets[:-1][there], offsets[-1]),
        docs=docs,
        counts=counts,
    )
