"""Times go in; the few words that fit on a button come out."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import prompts
from bot.types import Language

HOUR, DAY, MONTH, YEAR = 60, 24 * 60, 30 * 24 * 60, 365 * 24 * 60
"""In minutes."""


def interval(span: timedelta, language: Language) -> str:
    """How long that is, in its largest whole unit; years and months to a tenth."""
    minutes = span.total_seconds() / 60
    if minutes < 1:
        return _say("under_a_minute", language)
    if minutes < HOUR:
        return _say("minutes", language, n=int(minutes))
    if minutes < DAY:
        return _say("hours", language, n=round(minutes / HOUR))
    if minutes < 2 * MONTH:
        return _say("days", language, n=round(minutes / DAY))
    if minutes < YEAR:
        return _say("months", language, n=f"{minutes / MONTH:.1f}".removesuffix(".0"))
    return _say("years", language, n=f"{minutes / YEAR:.1f}".removesuffix(".0"))


def moment(at: datetime, timezone: str) -> str:
    """Date and time on the person's clock."""
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
