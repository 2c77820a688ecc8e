"""Scheduling with the `fsrs` library, and weights fitted to a person's reviews (extra `optimizer`, needs PyTorch)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from bot.settings import Problem
from bot.storage.cards import Learner, Review, Schedule

if TYPE_CHECKING:
    import fsrs

AGAIN, HARD, GOOD, EASY = RATINGS = (1, 2, 3, 4)
NEW, LEARNING, REVIEW, RELEARNING = range(4)
LEECH = 8
"""Lapses after which a card rests, as in Anki: https://docs.ankiweb.net/leeches.html."""


def rate(schedule: Schedule | None, rating: int, at: datetime, learner: Learner) -> Schedule:
    """The schedule after a rating; None is a card that the person has not seen. `at` is in UTC."""
    import fsrs

    before = schedule or unseen(at)
    card, _ = _scheduler(learner.parameters, learner.retention).review_card(_as_fsrs(before), fsrs.Rating(rating), at)
    lapsed = before.state == REVIEW and rating == AGAIN
    lapses = before.lapses + lapsed
    return Schedule(
        state=int(card.state),
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due,
        last_review=card.last_review,
        lapses=lapses,
        suspended=before.suspended or ("leech" if lapsed and lapses >= LEECH else ""),
    )


def unseen(at: datetime) -> Schedule:
    """The schedule of a card that nobody has rated."""
    return Schedule(state=LEARNING, step=0, stability=None, difficulty=None, due=at, last_review=None)


def state_of(schedule: Schedule | None) -> int:
    """Where a card stands; `NEW` until its first rating."""
    return schedule.state if schedule and schedule.last_review else NEW


def next_dates(schedule: Schedule | None, at: datetime, learner: Learner) -> tuple[datetime, ...]:
    """When the card is due after each of the four ratings."""
    return tuple(rate(schedule, rating, at, learner).due for rating in RATINGS)


@lru_cache(maxsize=256)
def _scheduler(parameters: tuple[float, ...], retention: float) -> fsrs.Scheduler:
    """Without fuzz, so that the dates on the buttons are the dates that come."""
    import fsrs

    if parameters:
        return fsrs.Scheduler(parameters=parameters, desired_retention=retention, enable_fuzzing=False)
    return fsrs.Scheduler(desired_retention=retention, enable_fuzzing=False)


def _as_fsrs(schedule: Schedule) -> fsrs.Card:
    import fsrs

    return fsrs.Card(
        card_id=1,  # without one the library takes the clock's and sleeps a millisecond
        state=fsrs.State(schedule.state),
        step=schedule.step,
        stability=schedule.stability,
        difficulty=schedule.difficulty,
        due=schedule.due,
        last_review=schedule.last_review,
    )


ENOUGH = 400
"""Reviews below which the library's own weights fit better than fitted ones."""


class CannotOptimize(Problem):
    """What is missing: the name of its words in `prompts/quiz.yaml` and their values."""

    def __init__(self, name: str, **values: object) -> None:
        super().__init__(name)
        self.name = name
        self.values = values


async def fitted_parameters(reviews: Sequence[Review]) -> tuple[float, ...]:
    """The 21 weights of FSRS for these reviews; takes minutes of a processor.

    Raises:
        CannotOptimize: there are too few reviews, or PyTorch is not installed.
    """
    if len(reviews) < ENOUGH:
        raise CannotOptimize("optimize_few", count=len(reviews), enough=ENOUGH)
    return await asyncio.to_thread(_fit, tuple(reviews))


def _fit(reviews: Sequence[Review]) -> tuple[float, ...]:
    import fsrs

    logs = [
        fsrs.ReviewLog(
            card_id=number_of(review.card),
            rating=fsrs.Rating(review.rating),
            review_datetime=review.at,
            review_duration=review.milliseconds,
        )
        for review in reviews
    ]
    try:
        return tuple(fsrs.Optimizer(logs).compute_optimal_parameters())
    except ImportError as error:
        raise CannotOptimize("optimize_missing") from error


def number_of(card: str) -> int:
    """A card's id as the positive number that FSRS wants, the same on every machine; 52 bits, exact in any JSON reader."""
    return int.from_bytes(blake2b(card.encode(), digest_size=8).digest()) >> 12
