from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.quiz.stats import Statistics, statistics
from bot.storage.cards import Review
from tests.bot.quiz.making import NOON


def at(days_ago: float, rating: int = 3, was: int = 2) -> Review:
    return Review(person="p", card="c", rating=rating, at=NOON - timedelta(days=days_ago), was=was)


def of(*reviews: Review, due: tuple[datetime, ...] = (), now: datetime = NOON, timezone: str = "UTC") -> Statistics:
    return statistics(reviews, due, now=now, timezone=timezone, wanted=0.9, resting=0)


@pytest.mark.parametrize(
    ("days", "streak"), [((), 0), ((0,), 1), ((0, 1, 2), 3), ((1, 2), 2), ((2, 3), 0), ((0, 2), 1), ((0, 0, 1), 2)]
)
def test_a_streak_counts_days_in_a_row_and_today_may_still_come(days: tuple[int, ...], streak: int) -> None:
    assert of(*(at(day) for day in days)).streak == streak


def test_a_day_is_one_of_the_persons_calendar() -> None:
    late = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    review = Review(person="p", card="c", rating=3, at=late, was=2)
    after_midnight = late + timedelta(hours=1)
    assert of(review, now=after_midnight, timezone="Asia/Shanghai").today == 0
    assert of(review, now=after_midnight, timezone="UTC").today == 1


def test_retention_counts_cards_in_review_only() -> None:
    numbers = of(at(0, 1), at(1, 3), at(2, 2), at(3, 4), at(1, 1, was=0), at(1, 1, was=1), at(8, 1))
    assert numbers.weeks[-1] == 0.75
    assert numbers.weeks[-2] == 0.0
    assert numbers.weeks[0] is None
    assert numbers.retention == 0.6


def test_what_is_overdue_is_due_today() -> None:
    numbers = of(due=(NOON - timedelta(days=9), NOON, NOON + timedelta(days=1), NOON + timedelta(days=29)))
    assert (numbers.due, numbers.forecast[1], numbers.forecast[29], len(numbers.forecast)) == (2, 1, 1, 30)
