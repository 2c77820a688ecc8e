"""Charts of quiz statistics: a PNG, or text where no picture can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import prompts
from bot.charts import BLUE, CHINESE_FONTS, GREEN, ORANGE, Panel, Series, chinese_font, draw
from bot.quiz.stats import Statistics
from bot.types import Language

BLOCKS = " ▁▂▃▄▅▆▇█"


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
