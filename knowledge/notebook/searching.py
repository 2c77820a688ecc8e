"""A question goes in; the passages that answer it best come out, each with its best sentences, or word that there are none."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from knowledge import lexicon, ranking
from knowledge.catalog import Catalog
from knowledge.lexical import LexicalIndex, Postings, build_postings, merge_postings
from knowledge.notebook.neighbours import Neighbours
from knowledge.passages import plain, sentences
from knowledge.ranking import Sentence
from knowledge.types import Hit, Passage, Ranking, ScoredSpan

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


@dataclass(slots=True)
class Searcher:
    """Searches one catalog; not to be used by two threads at once."""

    catalog: Catalog
    neighbours: Neighbours
    _revision: int = -1
    _parts: list[Postings] = field(default_factory=list)
    _index: LexicalIndex = field(default_factory=lambda: LexicalIndex([]))

    def search(self, search: Search) -> Found:
        started = time.perf_counter()
        self._refresh()
        weights, asked = self._weights(search)
        lexical = self._lexical(weights)
        similar, problem = self.neighbours.nearest(search.question, CANDIDATES)
        similar = [(row, similarity) for row, similarity in similar if self._index.holds(row)]
        scores = ranking.fuse(lexical, similar, share=self.neighbours.share)
        hits = self._look_into(scores, lexical, dict(similar), weights, asked)
        return Found(
            searched=search.question,
            hits=_without_doubles(hits, search.count),
            abstained=not hits,
            ms=(time.perf_counter() - started) * 1000,
            problem=problem,
        )

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

    def _weights(self, search: Search) -> tuple[dict[int, float], dict[int, float]]:
        """Each term's weight in the question times its idf, and what the telling terms count when a sentence is chosen."""
        shares: dict[int, float] = {}
        for text, share in [(search.question, 1.0), *((turn, search.history_share) for turn in search.history)]:
            for term in lexicon.terms(text):
                worth = share * (FILLER_SHARE if term in lexicon.fillers() else 1.0)
                key = lexicon.key_of(term)
                shares[key] = max(worth, shares.get(key, 0.0))
        idf = {key: self._index.idf(key) for key in shares}
        asked = {key: share * idf[key] ** 0.5 for key, share in shares.items() if share > FILLER_SHARE}
        return {key: share * idf[key] for key, share in shares.items()}, asked

    def _lexical(self, weights: Mapping[int, float]) -> dict[int, float]:
        scores = self._index.scores(weights)
        best = np.argpartition(-scores, CANDIDATES)[:CANDIDATES] if len(scores) > CANDIDATES else np.arange(len(scores))
        return {int(self._index.rows[at]): float(scores[at]) for at in best if scores[at] > 0}

    def _look_into(
        self,
        scores: Mapping[int, float],
        lexical: Mapping[int, float],
        similar: Mapping[int, float],
        weights: Mapping[int, float],
        asked: Mapping[int, float],
    ) -> list[Hit]:
        """Order the best candidates anew by what their best sentence adds."""
        best = sorted(scores, key=lambda row: (-scores[row], row))[:LOOKED_INTO]
        passages = self.catalog.passages(best)
        hits = []
        for row in best:
            if row in passages:
                found_by = frozenset(r for r, rows in ((Ranking.LEXICAL, lexical), (Ranking.VECTORS, similar)) if row in rows)
                hits.append(_hit(passages[row], scores[row], found_by, weights, asked))
        return sorted(hits, key=lambda hit: -hit.score)


def _tidied(parts: list[Postings], live: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[Postings]:
    """Merge parts of like size, so that there are few; drop what is gone once it is half of everything."""
    if sum(len(part.rows) for part in parts) > 2 * len(live) + 100:
        return [merge_postings(parts, live=live)]
    while len(parts) > 1 and len(parts[-2].rows) < 2 * len(parts[-1].rows):
        parts = [*parts[:-2], merge_postings(parts[-2:], live=live)]
    return parts


def _hit(
    passage: Passage, score: float, found_by: frozenset[Ranking], weights: Mapping[int, float], asked: Mapping[int, float]
) -> Hit:
    shared = _heading_terms(passage.heading[-1:], passage.title)
    telling = {term: worth for term, worth in asked.items() if term not in shared}
    found = sentences_of(passage.text)
    best = max((ranking.sentence_score(sentence, weights) for sentence in found), default=0.0)
    spans = [ScoredSpan(start=s.start, end=s.end, score=ranking.coverage(s, telling)) for s in found]
    return Hit(
        passage=passage,
        score=score + ranking.SENTENCE_SHARE * best,
        found_by=found_by,
        sentences=tuple(sorted(spans, key=lambda span: -span.score)),
    )


@lru_cache(maxsize=5_000)
def sentences_of(text: str) -> tuple[Sentence, ...]:
    """The sentences of a passage with their terms."""
    found = []
    for start, end in sentences(text):
        keys = _keys(plain(text[start:end]))
        found.append(Sentence(start, end, Counter(keys), len(keys)))
    return tuple(found)


@lru_cache(maxsize=5_000)
def _heading_terms(heading: tuple[str, ...], title: str) -> frozenset[int]:
    return frozenset(_keys(" ".join([*heading, title])))


def _keys(text: str) -> list[int]:
    return [lexicon.key_of(term) for term in lexicon.terms(text)]


def _without_doubles(hits: Sequence[Hit], count: int) -> tuple[Hit, ...]:
    """The first `count` hits; of passages that say the same, the one that ranks first."""
    kept: list[Hit] = []
    for hit in hits:
        terms = _terms(hit.passage.text)
        if not any(ranking.overlap(terms, _terms(other.passage.text)) >= SAME for other in kept):
            kept.append(hit)
        if len(kept) == count:
            break
    return tuple(kept)


@lru_cache(maxsize=5_000)
def _terms(text: str) -> frozenset[int]:
    return frozenset(term for sentence in sentences_of(text) for term in sentence.terms)
