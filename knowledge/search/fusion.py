"""Fusion of the lexical and the vector ranking, and the threshold above which a question counts as answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.text.query_terms import EVERYDAY

PRIOR = 8.0
"""Terms, as rare as can be, that every question is taken to have besides its own."""
LUCKY = 0.15
LUCKY_NEAR, NEARER = 1 / 16, 1 / 4
LOWEST, HIGHEST = 0.08, 0.45
"""Bounds of the floor, for vaults that are tiny, or about everyday matters."""
NEVER = 2.0
"""A similarity that no passage has: nothing has been measured."""


def strength(best: float, masses: Iterable[float], rarest: float) -> float:
    """How strongly a question is answered; `masses` are the idf of its telling terms, `rarest` that of a term never seen."""
    return best / (sum(masses) + PRIOR * rarest)


def calibrate_nearness(similarities: Iterable[float]) -> float:
    """The similarity that a passage must have; `similarities` are those of the passage nearest to each everyday question."""
    found = sorted(similarities)
    if len(found) < len(EVERYDAY):
        return NEVER
    by_chance = found[int(len(found) * (1 - LUCKY_NEAR))]
    return by_chance + NEARER * (1 - by_chance)


def calibrate(strength_of: Callable[[str], float]) -> float:
    """The floor: what is found by chance, measured with questions that notes do not answer."""
    found = sorted(strength_of(question) for question in EVERYDAY)
    return min(HIGHEST, max(LOWEST, found[int(len(found) * (1 - LUCKY))]))


Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]

K1, B = 0.9, 0.4
TYPICAL_SENTENCE = 45
"""Terms; about 25 Chinese characters with their pairs."""

NEAR_TIE = 0.25
"""Of the mean: less spread than this is none to speak of."""
SENTENCE_SHARE = 0.5
"""What the best sentence adds to its passage's score (measured on CMRC 2018: R@1 .982 without, .984 with)."""


@dataclass(frozen=True, slots=True)
class SentenceCounts:
    """How often each of a question's terms occurs in each sentence of a passage."""

    terms: Keys
    """The question's terms, ascending: the columns."""
    counts: npt.NDArray[np.int64]
    """Sentences by terms."""
    lengths: npt.NDArray[np.int64]
    """Terms of any kind in each sentence."""


def fuse(lexical: Mapping[int, float], similar: Sequence[tuple[int, float]], *, share: float) -> dict[int, float]:
    """Add a share of the standardised similarity to the lexical score of each row that either ranking found.

    Both are first brought to the same spread: a standard deviation of similarity counts as `share` standard deviations of
    the lexical scores. A row that the vectors did not name gets the least similarity that they did name. Unlike rank
    fusion, a weak ranking that separates nothing then moves nothing.
    """
    if not similar:
        return dict(lexical)
    values = np.array([similarity for _, similarity in similar])
    mean, spread, least = float(values.mean()), float(values.std()) or 1.0, float(values.min())
    known = dict(similar)
    rows = dict.fromkeys([*lexical, *known])
    worth = share * _spread(lexical.values())
    return {row: lexical.get(row, 0.0) + worth * (known.get(row, least) - mean) / spread for row in rows}


def _spread(values: Iterable[float]) -> float:
    """The standard deviation of the scores; where they tie, as much as their mean, so that the other ranking decides.

    The only one found does not tie with those that were not. Scores that nearly tie (every passage has the one common word
    of the question) tell little, and count as tied in part.
    """
    found = np.array([value for value in values if value > 0])
    if not len(found):
        return 1.0
    spread, mean = float(found.std()), float(found.mean())
    return max(spread, NEAR_TIE * mean) if np.ptp(found) or len(found) == 1 else mean


def count_terms(terms: Keys, keys: Keys, lengths: npt.NDArray[np.int64]) -> SentenceCounts:
    """Count the question's `terms` (ascending) in sentences whose `keys` stand one after the other, `lengths` of them each."""
    counts = np.zeros((len(lengths), len(terms)), np.int64)
    if len(terms) and len(keys):
        places = np.minimum(np.searchsorted(terms, keys), len(terms) - 1)
        hits = terms[places] == keys
        sentences = np.repeat(np.arange(len(lengths)), lengths)
        np.add.at(counts, (sentences[hits], places[hits]), 1)
    return SentenceCounts(terms, counts, lengths)


def sentence_scores(found: SentenceCounts, weights: Floats) -> Floats:
    """BM25 of each sentence, by the terms' `weights`: how much it speaks for its passage."""
    damp = K1 * (1 - B + B * found.lengths / TYPICAL_SENTENCE)
    scores: Floats = (weights * found.counts * (K1 + 1) / (found.counts + damp[:, None])).sum(axis=1)
    return scores


def coverage(found: SentenceCounts, worths: Floats) -> Floats:
    """How much of what is asked each sentence names: which one to quote from its passage.

    Each term counts once, by its worth (for each sentence a row of `worths`), and sentence length is not held against it. A
    term is worth the square root of its idf; question words nothing; and words of the heading nothing, for they tell a
    passage from others but no sentence from its neighbours. On CMRC 2018 the sentence chosen so holds the answer in 85 of
    100 cases; chosen by `sentence_scores`, in 73.
    """
    covered: Floats = ((found.counts > 0) * worths).sum(axis=1)
    return covered


def say_the_same(one: frozenset[int], two: frozenset[int], share: float) -> bool:
    """Whether the two texts share at least this part of the longer one's terms. Most pairs are told apart by a few terms."""
    small, large = (one, two) if len(one) < len(two) else (two, one)
    left, least = len(small), share * len(large)
    for term in small:
        left -= term not in large
        if left < least:
            return False
    return bool(small)
