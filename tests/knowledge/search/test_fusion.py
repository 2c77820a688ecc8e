from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.fusion import (
    K1,
    TYPICAL_SENTENCE,
    B,
    SentenceCounts,
    count_terms,
    coverage,
    fuse,
    say_the_same,
    sentence_scores,
)

LEXICAL = {1: 9.0, 2: 6.0, 3: 3.0}


def order(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda row: -scores[row])


# Two rankings


def test_without_vectors_the_lexical_scores_stand() -> None:
    assert fuse(LEXICAL, [], share=1.0) == LEXICAL


def test_without_words_in_common_the_vectors_decide() -> None:
    assert order(fuse({}, [(4, 0.9), (5, 0.2), (6, 0.5)], share=1.0)) == [4, 6, 5]


def test_a_row_of_either_ranking_is_in_the_result() -> None:
    assert set(fuse(LEXICAL, [(3, 0.9), (4, 0.1)], share=0.1)) == {1, 2, 3, 4}


def test_a_strong_ranking_moves_more_than_a_weak_one() -> None:
    similar = [(3, 0.9), (2, 0.1), (1, 0.1)]
    assert order(fuse(LEXICAL, similar, share=0.1)) == [1, 2, 3]
    assert order(fuse(LEXICAL, similar, share=5.0)) == [3, 1, 2]


def test_vectors_that_separate_nothing_move_nothing() -> None:
    similar = [(1, 0.5), (2, 0.5), (3, 0.5)]
    assert fuse(LEXICAL, similar, share=1.0) == LEXICAL


def test_a_row_that_the_vectors_did_not_name_gets_the_least_similarity() -> None:
    fused = fuse({1: 4.0, 2: 6.0}, [(2, 0.8), (3, 0.2)], share=1.0)
    assert fused[1] - fused[3] == pytest.approx(4.0)


def test_a_standard_deviation_of_similarity_counts_as_the_share_says() -> None:
    """Lexical scores 2 and 6 spread by 2; similarities 0.2 and 0.8 by 0.3 around 0.5."""
    assert fuse({1: 2.0, 2: 6.0}, [(1, 0.8), (2, 0.2)], share=0.5) == pytest.approx({1: 2.0 + 0.5 * 2, 2: 6.0 - 0.5 * 2})


@given(
    st.dictionaries(st.integers(0, 20), st.floats(0.1, 50), max_size=10),
    st.dictionaries(st.integers(0, 20), st.floats(-1, 1), max_size=10),
)
def test_fusing_is_blind_to_the_order_of_what_goes_in(lexical: dict[int, float], similar: dict[int, float]) -> None:
    one = fuse(lexical, list(similar.items()), share=0.7)
    other = fuse(dict(reversed(lexical.items())), list(reversed(similar.items())), share=0.7)
    assert one == pytest.approx(other)


# Sentences


def counted(terms: Sequence[int], sentences: Sequence[Sequence[int]]) -> SentenceCounts:
    keys = np.array([key for sentence in sentences for key in sentence], np.int64)
    return count_terms(np.array(terms, np.int64), keys, np.array([len(sentence) for sentence in sentences], np.int64))


@given(st.sets(st.integers(1, 9)), st.lists(st.lists(st.integers(1, 9), max_size=12), max_size=6))
def test_terms_are_counted_in_each_sentence(terms: set[int], sentences: list[list[int]]) -> None:
    found = counted(sorted(terms), sentences).counts
    assert found.tolist() == [[sentence.count(term) for term in sorted(terms)] for sentence in sentences]


@given(st.lists(st.lists(st.integers(1, 5), max_size=90), min_size=1, max_size=5))
def test_sentences_are_scored_by_bm25(sentences: list[list[int]]) -> None:
    weights = {2: 1.5, 4: 0.5}
    scores = sentence_scores(counted([2, 4], sentences), np.array([1.5, 0.5]))
    assert scores.tolist() == pytest.approx([naive_score(sentence, weights) for sentence in sentences])


def naive_score(sentence: list[int], weights: dict[int, float]) -> float:
    damp = K1 * (1 - B + B * len(sentence) / TYPICAL_SENTENCE)
    return sum(weight * sentence.count(term) * (K1 + 1) / (sentence.count(term) + damp) for term, weight in weights.items())


def test_coverage_counts_each_term_once_however_long_the_sentence_is() -> None:
    found = counted([1, 2], [[1, 1, 1], [1, 2], [1, 2] + [9] * 80, [9]])
    assert coverage(found, np.array([2.0, 1.0])).tolist() == [2, 3, 3, 0]


def test_a_term_may_be_worth_nothing_in_one_passage_and_something_in_another() -> None:
    found = counted([1, 2], [[1, 2], [1, 2]])
    assert coverage(found, np.array([[0.0, 1.0], [2.0, 1.0]])).tolist() == [1, 3]


@pytest.mark.parametrize(
    ("one", "two", "share"),
    [
        ({1, 2}, {1, 2}, 1.0),
        ({1, 2}, {3}, 0.0),
        ({1, 2}, {1, 2, 3, 4}, 0.5),
        ({1, 2, 3, 4}, {1, 9}, 0.25),
        (set(), {1}, 0.0),
        (set(), set(), 0.0),
    ],
)
def test_texts_say_the_same_by_the_share_of_the_larger_one(one: set[int], two: set[int], share: float) -> None:
    for a, b in ((frozenset(one), frozenset(two)), (frozenset(two), frozenset(one))):
        assert say_the_same(a, b, share) or not (one and two)
        assert not say_the_same(a, b, share + 0.01)


@given(st.frozensets(st.integers(0, 60)), st.frozensets(st.integers(0, 60)), st.sampled_from([0.25, 0.5, 0.9, 1.0]))
def test_looking_no_further_than_need_be_comes_to_the_same(one: frozenset[int], two: frozenset[int], share: float) -> None:
    shared, larger = len(one & two), max(len(one), len(two))
    assert say_the_same(one, two, share) == (bool(one and two) and shared >= share * larger)
