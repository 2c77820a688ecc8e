from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from knowledge.search.bm25 import IDF_POWER, K1, B, Bm25Index, Postings, build_postings, merge_postings

Documents = dict[int, list[int]]
TERMS = st.integers(1, 12)
documents = st.lists(st.lists(TERMS, max_size=30), max_size=12).map(lambda texts: dict(enumerate(texts, 1)))
weights = st.dictionaries(TERMS, st.floats(0.1, 5), max_size=6)


def built(found: Mapping[int, Sequence[int]]) -> Postings:
    return build_postings((row, np.array(found[row], np.int64)) for row in sorted(found))


def scores(index: Bm25Index, asked: Mapping[int, float]) -> dict[int, float]:
    """What each row scored; rows that scored nothing are left out."""
    return {int(row): float(score) for row, score in zip(index.rows, index.scores(asked), strict=True) if score}


def naive_scores(found: Documents, asked: Mapping[int, float]) -> dict[int, float]:
    """BM25 as it stands in the books (Robertson and Zaragoza 2009, 3.15)."""
    mean = fmean(map(len, found.values())) if found else 0
    return {row: score for row, terms in found.items() if (score := naive_score(terms, asked, mean))}


def naive_score(terms: list[int], asked: Mapping[int, float], mean: float) -> float:
    norm = K1 * (1 - B + B * len(terms) / (mean or 1))
    return sum(weight * (K1 + 1) * terms.count(term) / (terms.count(term) + norm) for term, weight in asked.items())


def naive_idf(found: Documents, term: int) -> float:
    holding = sum(term in terms for terms in found.values())
    return float(math.log(1 + (len(found) - holding + 0.5) / (holding + 0.5)) ** IDF_POWER)


@given(documents, weights)
def test_scores_are_those_of_bm25(found: Documents, asked: dict[int, float]) -> None:
    assert scores(Bm25Index([built(found)]), asked) == pytest.approx(naive_scores(found, asked), rel=1e-5)


@given(documents, TERMS)
def test_rarity_is_that_of_the_books_to_its_power(found: Documents, term: int) -> None:
    assert Bm25Index([built(found)]).idf(term) == pytest.approx(naive_idf(found, term))


@given(documents, TERMS)
def test_a_term_that_fewer_documents_hold_is_more_telling(found: Documents, term: int) -> None:
    index = Bm25Index([built(found)])
    assert index.idf(99) >= index.idf(term) > 0


def test_one_document_is_scored_by_hand() -> None:
    index = Bm25Index([built({7: [1, 1, 2]})])
    assert scores(index, {1: 2.0}) == pytest.approx({7: 2.0 * 1.9 * 2 / (2 + 0.9)})


def test_an_empty_index_finds_nothing() -> None:
    for index in (Bm25Index([]), Bm25Index([built({})])):
        assert scores(index, {1: 1.0}) == {}
        assert index.count == 0


def test_a_document_without_terms_is_there_and_scores_nothing() -> None:
    index = Bm25Index([built({1: [], 2: [5]})])
    assert index.holds(1)
    assert list(scores(index, {5: 1.0})) == [2]


def test_a_term_may_occur_very_often() -> None:
    """More often than a posting counts; the score has long been flat there."""
    often, enough = ({1: [3] * count, 2: [4]} for count in (70_000, 65_535))
    asked = {3: 1.0}
    assert scores(Bm25Index([built(often)]), asked)[1] == pytest.approx(scores(Bm25Index([built(enough)]), asked)[1], rel=1e-3)


class ChangingIndex(RuleBasedStateMachine):
    """Documents come and go, parts are merged, in any order; the index must be as good as one built from scratch."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[Postings] = []
        self.living: Documents = {}
        self.next = 1

    @rule(texts=st.lists(st.lists(TERMS, max_size=20), min_size=1, max_size=4))
    def add(self, texts: list[list[int]]) -> None:
        fresh = dict(enumerate(texts, self.next))
        self.next += len(fresh)
        self.living |= fresh
        self.parts.append(built(fresh))

    @rule(chosen=st.integers(0, 50))
    def remove(self, chosen: int) -> None:
        if self.living:
            del self.living[sorted(self.living)[chosen % len(self.living)]]

    @rule(chosen=st.integers(0, 50), terms=st.lists(TERMS, max_size=20))
    def change(self, chosen: int, terms: list[int]) -> None:
        self.remove(chosen)
        self.add([terms])

    @rule(first=st.integers(0, 5), count=st.integers(1, 4))
    def merge(self, first: int, count: int) -> None:
        merged = self.parts[first : first + count]
        if merged:
            self.parts[first : first + count] = [merge_postings(merged, live=self.live())]

    def live(self) -> np.ndarray:
        return np.array(sorted(self.living), np.int64)

    @invariant()
    def it_is_as_good_as_one_built_from_scratch(self) -> None:
        index, fresh = Bm25Index(self.parts, live=self.live()), Bm25Index([built(self.living)])
        assert index.count == fresh.count == len(self.living)
        for term in range(1, 13):
            assert index.frequency(term) == fresh.frequency(term)
        asked = {term: index.idf(term) for term in (1, 2, 3, 12)}
        assert scores(index, asked) == pytest.approx(scores(fresh, asked), rel=1e-4)
        assert {row for row in range(1, self.next) if index.holds(row)} == set(self.living)


test_a_changing_index = ChangingIndex.TestCase
test_a_changing_index.settings = settings(max_examples=30, stateful_step_count=20)


def test_merging_drops_what_is_gone() -> None:
    parts = [built({1: [1, 2], 2: [2]}), built({3: [1]})]
    merged = merge_postings(parts, live=np.array([2, 3]))
    assert merged.rows.tolist() == [2, 3]
    assert merged.terms.tolist() == [1, 2]
    assert merged.lengths.tolist() == [1, 1]
