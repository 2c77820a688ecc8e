"""Evaluation run: recall, rank and abstention over labelled questions, in all and by kind and language."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log2
from statistics import fmean
from typing import TypeVar

from bot.evaluation.dataset import Labelled, Place
from bot.rag import EarlierTurn, Finder, Said
from bot.types import Citation
from knowledge.notebook import SearchResult
from knowledge.search.extracts import choose_excerpts

Outcome = TypeVar("Outcome")
Summed = TypeVar("Summed")
DEPTH = 10
"""Ranks that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionOutcome:
    """How one question fared."""

    id: str
    question: str
    kind: str
    language: str
    answerable: bool
    ranks: tuple[int, ...] = ()
    """For each group of evidence its rank, from 1; 0 where it was not found within `DEPTH`."""
    abstained: bool = False
    contained: bool = False
    """True when the text that is quoted without a model holds all of the evidence."""
    ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Measures over a set of questions; the first five over the answerable ones."""

    questions: int
    recall_1: float
    recall_5: float
    recall_10: float
    mrr: float
    """Mean reciprocal rank of the first evidence found."""
    ndcg: float
    """Normalised discounted cumulative gain at 10, each group of evidence being worth the same (Järvelin, Kekäläinen 2002)."""
    contained: float
    wrongly_abstained: float
    """The share of answerable questions that were not answered."""
    rightly_abstained: float
    """The share of unanswerable questions that were not answered; 0 when there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """Means over all questions, by kind, and by language."""

    everything: Means
    kinds: dict[str, Means]
    languages: dict[str, Means]
    ms_p50: float
    ms_p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRun:
    """One evaluation, with everything that its outcome depends on."""

    at: str
    """ISO 8601, with time zone."""
    questions: str
    """The name of the file of questions."""
    digest: str
    """Of its content: only runs over the same questions are compared."""
    settings: dict[str, str]
    """Names of models, versions of prompts, and what else was set."""
    report: EvaluationReport


def rank_of(group: Sequence[Place], found: Sequence[Place]) -> int:
    """The rank of the first passage that holds one of the group's places; 0 when none within `DEPTH` does."""
    for rank, (path, text) in enumerate(found[:DEPTH], 1):
        if any(path == file and needle in text for file, needle in group):
            return rank
    return 0


def share_held(evidence: Sequence[Sequence[Place]], citations: Sequence[Citation]) -> float:
    """The share of the groups of evidence that lie in what was cited; 0 without any."""
    sources = [(source.path, source.text) for source in citations]
    return mean(any(rank_of(group, [source]) for source in sources) for group in evidence)


def mean(values: Iterable[float]) -> float:
    """0 of nothing."""
    found = [float(value) for value in values]
    return fmean(found) if found else 0.0


def grouped(
    outcomes: Sequence[Outcome], key: Callable[[Outcome], str], sum_up: Callable[[Sequence[Outcome]], Summed]
) -> dict[str, Summed]:
    """The outcomes of each value of `key`, summed up, in the order in which the values come."""
    values = dict.fromkeys(key(outcome) for outcome in outcomes)
    return {value: sum_up([outcome for outcome in outcomes if key(outcome) == value]) for value in values}


def report_of(outcomes: Sequence[QuestionOutcome]) -> EvaluationReport:
    """Sum up the outcomes of a run."""
    times = sorted(outcome.ms for outcome in outcomes)
    return EvaluationReport(
        everything=means_of(outcomes),
        kinds=grouped(outcomes, lambda outcome: outcome.kind, means_of),
        languages=grouped(outcomes, lambda outcome: outcome.language, means_of),
        ms_p50=times[len(times) // 2],
        ms_p95=times[int(len(times) * 0.95)],
    )


def means_of(outcomes: Sequence[QuestionOutcome]) -> Means:
    """The measures over these outcomes."""
    there = [outcome for outcome in outcomes if outcome.answerable]
    return Means(
        questions=len(outcomes),
        recall_1=mean(_recall(outcome, 1) for outcome in there),
        recall_5=mean(_recall(outcome, 5) for outcome in there),
        recall_10=mean(_recall(outcome, DEPTH) for outcome in there),
        mrr=mean(max((1 / rank for rank in outcome.ranks if rank), default=0.0) for outcome in there),
        ndcg=mean(_ndcg(outcome) for outcome in there),
        contained=mean(outcome.contained for outcome in there),
        wrongly_abstained=mean(outcome.abstained for outcome in there),
        rightly_abstained=mean(outcome.abstained for outcome in outcomes if not outcome.answerable),
    )


def to_outcome(one: Labelled, found: Sequence[Place], *, quoted: Sequence[Place], abstained: bool, ms: float) -> QuestionOutcome:
    """Score one question; `found` are the passages and `quoted` the excerpts, best first."""
    return QuestionOutcome(
        id=one.id,
        question=one.question,
        kind=one.kind,
        language=one.language,
        answerable=one.answerable,
        ranks=tuple(rank_of(group, found) for group in one.evidence),
        abstained=abstained,
        contained=one.answerable and all(rank_of(group, quoted) for group in one.evidence),
        ms=ms,
    )


def _recall(outcome: QuestionOutcome, depth: int) -> float:
    return mean(0 < rank <= depth for rank in outcome.ranks)


def _ndcg(outcome: QuestionOutcome) -> float:
    """Two groups in one passage count at that passage's rank; the best there could be is one group a rank."""
    gain = sum(1 / log2(rank + 1) for rank in outcome.ranks if rank)
    best = sum(1 / log2(rank + 1) for rank in range(1, len(outcome.ranks) + 1))
    return min(1.0, gain / best) if best else 0.0


async def evaluate(
    finder: Finder, questions: Iterable[Labelled], *, excerpts: int = 5, characters: int = 600
) -> AsyncIterator[QuestionOutcome]:
    """Search for each question as a chat would, and quote as a chat without a model would."""
    for one in questions:
        before = [EarlierTurn(question=words) for words in one.history]
        found = await finder.find(Said(text=one.question, before=before), count=DEPTH)
        chosen = choose_excerpts(one.question, found.hits, most=excerpts, characters=characters)
        quoted = [(excerpt.hit.passage.path, excerpt.text) for excerpt in chosen]
        yield to_outcome(one, _places(found), quoted=quoted, abstained=found.abstained, ms=found.ms)


def _places(found: SearchResult) -> list[Place]:
    return [(hit.passage.path, hit.passage.text) for hit in found.hits]
