"""Answers to labelled questions: whether they are right by their keys, cited, in the asker's language, and how long they take."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.evaluation.dataset import Labelled
from bot.evaluation.metrics import grouped, mean, share_held
from bot.types import Answer, AnswerState, Ask, Language, Person, Place, Question, language_of
from knowledge.foreign_text import normalized

TERM = re.compile(r"\d+(?:\.\d+)?|[a-z][a-z\d+#]*")
HAN = re.compile(r"[\u4e00-\u9fff]+")
ENOUGH = 0.5
"""The share of a key's Chinese pairs of characters that an answer in other words still has: judgement."""
PLATFORM = "eval"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOutcome:
    """How one question was answered."""

    id: str
    kind: str
    language: str
    mode: str
    text: str
    correct: float | None
    """1 when the answer holds its key; None for a question without one."""
    evidence: float | None
    """The share of its evidence that the cited passages hold; None for a question that the notes do not answer."""
    cited: float
    """1 when there is at least one source."""
    in_language: float
    """1 when it is in the asker's language."""
    refused: float
    characters: int
    seconds: float
    first_words_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMeans:
    """The means of many; of what some questions lack, over those that have it."""

    questions: int
    correct: float
    evidence: float
    cited: float
    in_language: float
    refused: float
    characters: float
    seconds: float
    first_words_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReport:
    """By kind of question, by language, by the way in which they were answered, and over all."""

    everything: AnswerMeans
    kinds: Mapping[str, AnswerMeans]
    languages: Mapping[str, AnswerMeans]
    modes: Mapping[str, AnswerMeans]
    outcomes: tuple[AnswerOutcome, ...]


async def answer_all(ask: Ask, questions: Iterable[Labelled]) -> AsyncIterator[AnswerOutcome]:
    """Ask each question in a place of its own, after what was asked before it."""
    for one in questions:
        language: Language = "en" if one.language == "en" else "zh"
        person = Person(platform=PLATFORM, id="user", name="", language=language)
        place = Place(platform=PLATFORM, chat=one.id)
        for earlier in one.history:
            async for _ in ask(Question(person=person, place=place, text=earlier)):
                pass
        started, first = time.perf_counter(), 0.0
        async for answer in ask(Question(person=person, place=place, text=one.question, alone=not one.history)):
            first = first or (time.perf_counter() if answer.text else 0.0)
        ended = time.perf_counter()
        yield outcome_of(one, answer, seconds=ended - started, first_words_s=(first or ended) - started)


def outcome_of(one: Labelled, answer: Answer, *, seconds: float, first_words_s: float) -> AnswerOutcome:
    """Score one answer."""
    return AnswerOutcome(
        id=one.id,
        kind=one.kind,
        language=one.language,
        mode=str(answer.state),
        text=answer.text,
        correct=float(holds(answer.text, one.key)) if one.key and one.answerable else None,
        evidence=share_held(one.evidence, answer.citations) if one.answerable else None,
        cited=float(bool(answer.citations)),
        in_language=float(answer.state is not AnswerState.MODEL or language_of(answer.text) == language_of(one.question)),
        refused=float(answer.state is AnswerState.ABSTAINED),
        characters=len(answer.text),
        seconds=seconds,
        first_words_s=first_words_s,
    )


def holds(answer: str, key: str) -> bool:
    """Whether an answer says what its key says: each number and Latin word of it, and half of its Chinese pairs of characters."""
    said, wanted = (normalized("NFKC", text).casefold() for text in (answer, key))
    terms, known = set(TERM.findall(wanted)), set(TERM.findall(said))
    if not terms <= known:
        return False
    pairs = {a + b for run in HAN.findall(wanted) for a, b in pairwise(run)}
    return sum(pair in said for pair in pairs) >= ENOUGH * len(pairs)


def report_on_answers(outcomes: Sequence[AnswerOutcome]) -> AnswerReport:
    """Sum up."""
    return AnswerReport(
        everything=_means(outcomes),
        kinds=grouped(outcomes, lambda one: one.kind, _means),
        languages=grouped(outcomes, lambda one: one.language, _means),
        modes=grouped(outcomes, lambda one: one.mode, _means),
        outcomes=tuple(outcomes),
    )


def _means(outcomes: Sequence[AnswerOutcome]) -> AnswerMeans:
    return AnswerMeans(
        questions=len(outcomes),
        correct=mean(one.correct for one in outcomes if one.correct is not None),
        evidence=mean(one.evidence for one in outcomes if one.evidence is not None),
        cited=mean(one.cited for one in outcomes),
        in_language=mean(one.in_language for one in outcomes),
        refused=mean(one.refused for one in outcomes),
        characters=mean(one.characters for one in outcomes),
        seconds=mean(one.seconds for one in outcomes),
        first_words_s=mean(one.first_words_s for one in outcomes),
    )
