"""Candidates: the passages that a search looks into, scored by their sentences and names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from knowledge import text
from knowledge.catalog import Indexed
from knowledge.search import fusion
from knowledge.search.query import WeightedQuery
from knowledge.search.quotability import is_quotable
from knowledge.types import Hit, Passage, ScoredSpan

NAMED_SHARE = 0.2
"""What a heading counts that the question names in full, beside the weight of its terms."""
MOSTLY_NAMED_SHARE = 0.6
"""The same when the name is half of what is asked, or more."""
SHORT = 300
"""Characters; a longer passage has something to say."""
SAME = 0.95
"""Two passages that share this much of the longer one's terms are one passage twice."""


class StoredPassage:
    """A passage with its sentences, as it lies in the catalog."""

    def __init__(self, row: int, passage: Passage, indexed: Indexed) -> None:
        self.row = row
        self.passage = passage
        self.indexed = indexed.keys
        self.starts, self.ends, self.lengths = indexed.sentences.T
        self.keys = indexed.keys[indexed.above : indexed.above + int(self.lengths.sum())]

    @cached_property
    def all_terms(self) -> frozenset[int]:
        """Those of the words above it too."""
        return frozenset(self.indexed.tolist())

    @cached_property
    def script(self) -> str:
        return text.script_of(self.passage.text)

    @cached_property
    def says_nothing(self) -> bool:
        """Whether none of its sentences could be quoted."""
        if len(self.passage.text) > SHORT:
            return False
        spans = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return not any(is_quotable(self.passage.text[start:end]) for start, end in spans)

    @cached_property
    def terms(self) -> frozenset[int]:
        return frozenset(self.keys.tolist())


class Candidate:
    """A candidate while its sentences are looked into."""

    def __init__(self, read: StoredPassage, score: float) -> None:
        self.read = read
        self.passage = read.passage
        self.score = score
        self.named: frozenset[str] = frozenset()
        """The terms of the question that call it by its name."""
        self.worths: npt.NDArray[np.float64] = np.zeros(len(read.starts))

    @property
    def marks(self) -> frozenset[int]:
        return self.read.all_terms

    def hit(self) -> Hit:
        order = np.argsort(-self.worths, kind="stable")
        read = self.read
        spans = zip(read.starts[order].tolist(), read.ends[order].tolist(), self.worths[order].tolist(), strict=True)
        scored = tuple(ScoredSpan(start=start, end=end, score=worth) for start, end, worth in spans)
        return Hit(passage=self.passage, score=self.score, sentences=scored)


def score_sentences(seen: Sequence[Candidate], asked: WeightedQuery) -> None:
    """Score the sentences of all candidates at once, and add what the best one speaks for its passage."""
    if not seen:
        return
    sizes = [len(one.read.lengths) for one in seen]
    lengths = np.concatenate([one.read.lengths for one in seen]).astype(np.int64)
    alone = fusion.count_terms(asked.terms, np.concatenate([one.read.keys for one in seen]), lengths)
    scores = fusion.sentence_scores(_under_headings(alone, seen, sizes, asked), asked.weight_of_terms)
    untold = _counts_of([_heading_keys(one.passage.heading[-1:], one.passage.title) for one in seen], asked) == 0
    worths = fusion.coverage(alone, asked.worth_of_terms * np.repeat(untold, sizes, axis=0))
    ends = np.cumsum(sizes)
    for one, start, end in zip(seen, ends - sizes, ends, strict=True):
        one.worths = worths[start:end]
        one.score += fusion.SENTENCE_SHARE * float(scores[start:end].max(initial=0.0))
        share = MOSTLY_NAMED_SHARE if 2 * len(one.named & asked.telling) >= len(asked.telling) else NAMED_SHARE
        one.score += share * sum(asked.weights.get(text.key_of(term), 0.0) for term in one.named)


def _under_headings(
    alone: fusion.SentenceCounts, seen: Sequence[Candidate], sizes: Sequence[int], asked: WeightedQuery
) -> fusion.SentenceCounts:
    """The sentences as they are read: each with the heading that it stands under."""
    above = [_heading_keys(one.passage.heading[-1:], "") for one in seen]
    counts = _counts_of(above, asked)
    lengths = np.array([keys.total() for keys in above])
    return fusion.SentenceCounts(
        alone.terms, alone.counts + np.repeat(counts, sizes, axis=0), alone.lengths + np.repeat(lengths, sizes)
    )


def _counts_of(headings: Sequence[Counter[int]], asked: WeightedQuery) -> npt.NDArray[np.int64]:
    """How often each heading holds each of the question's terms."""
    places = {term: at for at, term in enumerate(asked.terms.tolist())}
    counts = np.zeros((len(headings), len(places)), np.int64)
    for row, keys in enumerate(headings):
        for term in keys.keys() & places.keys():
            counts[row, places[term]] = keys[term]
    return counts


def share_held(asked: WeightedQuery, best: Candidate) -> float:
    """The share of the question's telling terms that a passage holds."""
    return sum(text.key_of(term) in best.read.all_terms for term in asked.telling) / max(1, len(asked.telling))


@lru_cache(maxsize=5_000)
def _heading_keys(heading: tuple[str, ...], title: str) -> Counter[int]:
    return Counter(text.keys(" ".join([*heading, title])))


def without_doubles(ranked: Sequence[Candidate], count: int) -> list[Candidate]:
    """The first `count`; of passages that say the same, the one that ranks first."""
    kept: list[Candidate] = []
    for one in ranked:
        if not any(fusion.say_the_same(one.read.terms, other.read.terms, SAME) for other in kept):
            kept.append(one)
        if len(kept) == count:
            break
    return kept
