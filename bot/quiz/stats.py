"""Statistics of `/quiz stats`, from a person's reviews and due dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.quiz.fsrs import AGAIN, REVIEW
from bot.quiz.timezones import day_of
from bot.storage.cards import Review

DAYS, WEEKS = 30, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Where a person stands."""

    on: date
    """The person's day."""
    reviews: int
    today: int
    streak: int
    """Days in a row with a review, up to today; today may still come."""
    resting: int
    retention: float | None
    """The share of cards in review that were remembered, over all weeks shown; None without any."""
    forecast: tuple[int, ...]
    """Cards due today (with all that are overdue) and on each of the days after."""
    weeks: tuple[float | None, ...]
    """Retention of each week, the oldest first, the week that ends today last."""
    days: tuple[int, ...]
    """Reviews of each day, the oldest first, today last."""
    wanted: float

    @property
    def due(self) -> int:
        return self.forecast[0]


def statistics(
    reviews: Sequence[Review], due: Sequence[datetime], *, now: datetime, timezone: str, wanted: float, resting: int
) -> Statistics:
    """Everything that is shown, by the person's calendar."""
    today = day_of(now, timezone)
    on = Counter(day_of(review.at, timezone) for review in reviews)
    tests = [(day_of(review.at, timezone), review.rating > AGAIN) for review in reviews if review.was == REVIEW]
    weeks = tuple(
        _share(tests, today - timedelta(days=7 * at + 6), today - timedelta(days=7 * at)) for at in reversed(range(WEEKS))
    )
    coming = Counter(max(0, (day_of(moment, timezone) - today).days) for moment in due)
    return Statistics(
        on=today,
        reviews=len(reviews),
        today=on[today],
        streak=_streak(on, today),
        resting=resting,
        retention=_share(tests, today - timedelta(days=7 * WEEKS - 1), today),
        forecast=tuple(coming[day] for day in range(DAYS)),
        weeks=weeks,
        days=tuple(on[today - timedelta(days=at)] for at in reversed(range(DAYS))),
        wanted=wanted,
    )


def _share(tests: Sequence[tuple[date, bool]], first: date, last: date) -> float | None:
    results = [remembered for day, remembered in tests if first <= day <= last]
    return sum(results) / len(results) if results else None


def _streak(on: Counter[date], today: date) -> int:
    day = today if on[today] else today - timedelta(days=1)
    streak = 0
    while on[day]:
        streak, day = streak + 1, day - timedelta(days=1)
    return streak
