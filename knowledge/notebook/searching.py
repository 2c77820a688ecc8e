"""A question goes in; the passages that answer it best come out, each with its best sentences, or word that there are none."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from knowledge import lexicon, ranking
from knowledge.catalog import Catalog, Indexed
from knowledge.lexical import LexicalIndex, Postings, build_postings, merge_postings
from knowledge.notebook.neighbours import Neighbours
from knowledge.types import Hit, Passage, ScoredSpan
from knowledge.vectors import Vector

CANDIDATES = 50
"""Passages that each ranking may propose."""
LOOKED_INTO = 20
"""Passages whose sentences are scored."""
FILLER_SHARE = 0.15
SAME = 0.9
"""Two passages that share this much of the shorter one's terms are one passage twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A question to the notes; `history` holds the turns before it, oldest first."""

    question: str
    history: tuple[str, ...] = ()
    history_share: float = 0.1
    """What a term of an earlier turn counts beside one of the question."""
    count: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found, best first; `abstained` when the notes do not seem to hold an answer."""

    searched: str
    hits: tuple[Hit, ...]
    abstained: bool
    ms: float
    problem: str = ""
    """Why a ranking was left out, if one was."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """A question as the rankings see it."""

    weights: Mapping[int, float]
    """Each term's weight in the question times its idf."""
    terms: npt.NDArray[np.int64]
    """All terms, ascending; the arrays below go with them."""
    weight_of_terms: npt.NDArray[np.float64]
    worth_of_terms: npt.NDArray[np.float64]
    """What each term counts when a sentence is chosen."""


@dataclass(slots=True)
class Searcher:
    """Searches one catalog; not to be used by two threads at once."""

    catalog: Catalog
    neighbours: Neighbours
    _revision: int = -1
    _parts: list[Postings] = field(default_factory=list)
    _index: LexicalIndex = field(default_factory=lambda: LexicalIndex([]))

    def search(self, search: Search, vector: Vector | None) -> Found:
        """Search for `search.question`, whose vector is `vector`; without one, by its words alone."""
        started = time.perf_counter()
        self._refresh()
        asked = self._asked(search)
        lexical = self._lexical(asked.weights)
        similar = self.neighbours.nearest(vector, CANDIDATES) if vector is not None else []
        similar = [(row, similarity) for row, similarity in similar if self._index.holds(row)]
        scores = ranking.fuse(lexical, similar, share=self.neighbours.share)
        hits = self._look_into(scores, asked, search.count)
        ms = (time.perf_counter() - started) * 1000
        return Found(searched=search.question, hits=hits, abstained=not lexical, ms=ms)

    def _refresh(self) -> None:
        """Take up what was indexed since the last search."""
        revision = self.catalog.revision()
        if revision == self._revision:
            return
        last = max((int(part.rows[-1]) for part in self._parts if len(part.rows)), default=0)
        fresh = build_postings(self.catalog.keys_after(last))
        if len(fresh.rows):
            self._parts.append(fresh)
        live = self.catalog.rows()
        self._parts = _tidied(self._parts, live)
        self._index = LexicalIndex(self._parts, live=live)
        self._revision = revision

    def _asked(self, search: Search) -> Asked:
        shares: dict[int, float] = {}
        for text, share in [(search.question, 1.0), *((turn, search.history_share) for turn in search.history)]:
            for term in lexicon.terms(text):
                worth = share * (FILLER_SHARE if term in lexicon.fillers() else 1.0)
                key = lexicon.key_of(term)
                shares[key] = max(worth, shares.get(key, 0.0))
        weights = {key: share * self._index.idf(key) for key, share in shares.items()}
        terms = np.array(sorted(shares), np.int64)
        return Asked(
            weights=weights,
            terms=terms,
            weight_of_terms=np.array([weights[term] for term in terms.tolist()]),
            worth_of_terms=np.array([_worth(shares[term], weights[term]) for term in terms.tolist()]),
        )

    def _lexical(self, weights: Mapping[int, float]) -> dict[int, float]:
        scores = self._index.scores(weights)
        best = np.argpartition(-scores, CANDIDATES)[:CANDIDATES] if len(scores) > CANDIDATES else np.arange(len(scores))
        return {int(self._index.rows[at]): float(scores[at]) for at in best if scores[at] > 0}

    def _look_into(self, scores: Mapping[int, float], asked: Asked, count: int) -> tuple[Hit, ...]:
        """Order the best candidates anew by what their best sentence adds; keep one of those that say the same."""
        best = sorted(scores, key=lambda row: (-scores[row], row))[:LOOKED_INTO]
        passages, indexed = self.catalog.passages(best), self.catalog.indexed(best)
        there = [(passages[row], indexed[row], scores[row]) for row in best if row in passages and row in indexed]
        seen = [_Seen(passage, i, score) for passage, i, score in there]
        _score_sentences(seen, asked)
        return tuple(one.hit() for one in _without_doubles(sorted(seen, key=lambda one: -one.score), count))


def _worth(share: float, weight: float) -> float:
    """The square root of the idf, in the term's share; question words tell nothing about a sentence."""
    return float(share * (weight / share) ** 0.5) if share > FILLER_SHARE else 0.0


def _tidied(parts: list[Postings], live: npt.NDArray[np.int64]) -> list[Postings]:
    """Merge parts of like size, so that there are few; drop what is gone once it is half of everything."""
    if sum(len(part.rows) for part in parts) > 2 * len(live) + 100:
        return [merge_postings(parts, live=live)]
    while len(parts) > 1 and len(parts[-2].rows) < 2 * len(parts[-1].rows):
        parts = [*parts[:-2], merge_postings(parts[-2:], live=live)]
    return parts


class _Seen:
    """A candidate while its sentences are looked into."""

    def __init__(self, passage: Passage, indexed: Indexed, score: float) -> None:
        self.passage = passage
        self.score = score
        self.keys = indexed.keys[indexed.above :]
        self.starts, self.ends, self.lengths = indexed.sentences.T
        self.worths: npt.NDArray[np.float64] = np.zeros(len(self.starts))

    @cached_property
    def terms(self) -> frozenset[int]:
        return frozenset(self.keys.tolist())

    def hit(self) -> Hit:
        order = np.argsort(-self.worths, kind="stable")
        spans = zip(self.starts[order].tolist(), self.ends[order].tolist(), self.worths[order].tolist(), strict=True)
        scored = tuple(ScoredSpan(start=start, end=end, score=worth) for start, end, worth in spans)
        return Hit(passage=self.passage, score=self.score, sentences=scored)


def _score_sentences(seen: Sequence[_Seen], asked: Asked) -> None:
    """Score the sentences of all candidates at once, and add what the best one speaks for its passage."""
    if not seen:
        return
    sizes = [len(one.lengths) for one in seen]
    lengths = np.concatenate([one.lengths for one in seen]).astype(np.int64)
    counts = ranking.count_terms(asked.terms, np.concatenate([one.keys for one in seen]), lengths)
    scores = ranking.sentence_scores(counts, asked.weight_of_terms)
    unshared = np.array([~np.isin(asked.terms, _heading_keys(one.passage.heading[-1:], one.passage.title)) for one in seen])
    worths = ranking.coverage(counts, asked.worth_of_terms * np.repeat(unshared, sizes, axis=0))
    ends = np.cumsum(sizes)
    for one, start, end in zip(seen, ends - sizes, ends, strict=True):
        one.worths = worths[start:end]
        one.score += ranking.SENTENCE_SHARE * float(scores[start:end].max(initial=0.0))


@lru_cache(maxsize=5_000)
def _heading_keys(heading: tuple[str, ...], title: str) -> npt.NDArray[np.int64]:
    return np.array(lexicon.keys(" ".join([*heading, title])), np.int64)


def _without_doubles(ranked: Sequence[_Seen], count: int) -> list[_Seen]:
    """The first `count`; of passages that say the same, the one that ranks first."""
    kept: list[_Seen] = []
    for one in ranked:
        if not any(ranking.overlap(one.terms, other.terms) >= SAME for other in kept):
            kept.append(one)
        if len(kept) == count:
            break
    return kept
