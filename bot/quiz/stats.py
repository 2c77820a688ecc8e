"""Statistics of `/quiz stats`, from a person's reviews and due dates: numbers, a picture, rows of letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import prompts
from bot.charts import BLUE, CHINESE_FONTS, GREEN, ORANGE, Panel, Series, chinese_font, draw
from bot.quiz.fsrs import AGAIN, REVIEW
from bot.quiz.timezones import day_of
from bot.storage.cards import Review
from bot.types import Language

DAYS, WEEKS = 30, 12
BLOCKS = " ▁▂▃▄▅▆▇█"


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


def picture(numbers: Statistics, language: Language, *, fonts: Sequence[str] = CHINESE_FONTS) -> bytes:
    """Due forecast, retention by week and the days of the streak, each under its dates. In English where no font is Chinese.

    Blocks for a tenth of a second: call it in a thread.
    """
    font = chinese_font(tuple(fonts)) if language == "zh" else None
    words: Language = "zh" if font else "en"
    return draw([_forecast(numbers, words), _weeks(numbers, words), _days(numbers, words)], font)


def in_letters(counts: Sequence[float | None]) -> str:
    """A row of blocks, the highest for the largest; a dot where there is nothing."""
    most = max((count for count in counts if count), default=0)
    return "".join(BLOCKS[max(1, round(count / most * 8))] if count else "·" for count in counts)


def _forecast(numbers: Statistics, language: Language) -> Panel:
    days = [numbers.on + timedelta(days=ahead) for ahead in range(len(numbers.forecast))]
    return Panel(title=_say("stats_forecast", language), ticks=_dates(days, numbers.on), bars=[Series(values=numbers.forecast)])


def _weeks(numbers: Statistics, language: Language) -> Panel:
    ends = [numbers.on - timedelta(weeks=ago) for ago in reversed(range(len(numbers.weeks)))]
    shares = [None if share is None else share * 100 for share in numbers.weeks]
    return Panel(
        title=_say("chart_weeks", language),
        ticks=_dates(ends, numbers.on, every=7),
        lines=[Series(values=shares, color=ORANGE)],
        level=Series(values=[numbers.wanted * 100], color=GREEN, label=_say("chart_wanted", language)),
        unit="%",
        top=105,
    )


def _days(numbers: Statistics, language: Language) -> Panel:
    ago = list(reversed(range(len(numbers.days))))
    colors = [GREEN if at < numbers.streak + (not numbers.days[-1]) else BLUE for at in ago]
    return Panel(
        title=_say("chart_streak", language, streak=numbers.streak),
        ticks=_dates([numbers.on - timedelta(days=at) for at in ago], numbers.on),
        bars=[Series(values=numbers.days, colors=colors)],
    )


def _dates(days: Sequence[date], today: date, *, every: int = 5) -> list[str]:
    """Month and day of today and of each so many-th day before and after; no name for the days between."""
    return [f"{day:%m-%d}" if (day - today).days % every == 0 else "" for day in days]


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
