"""Time expressions in a question as ranges of seconds since 1970 (UTC)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

Stretch = tuple[float, float]

MONTHS = "january february march april may june july august september october november december".split()
MONTH = re.compile(
    r"(?:\b(?P<before>\d{1,2})(?:st|nd|rd|th)?(?: of)? )?\b(?P<month>" + "|".join(MONTHS) + r")\b"
    r"(?: (?P<after>\d{1,2})(?:st|nd|rd|th)?\b)?(?:,? (?P<year>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
CHINESE_DATE = re.compile(r"(?:(?P<year>(?:19|20)\d\d)年)?(?P<month>1[0-2]|0?[1-9])月(?:(?P<day>[12]\d|3[01]|0?[1-9])[日号])?")
ISO_DATE = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>1[0-2]|0[1-9])(?:-(?P<day>[12]\d|3[01]|0[1-9]))?\b")
AGO = (
    (re.compile(r"前天"), 2, 1),
    (re.compile(r"昨[天晚]|\byesterday\b|\blast night\b", re.IGNORECASE), 1, 1),
    (re.compile(r"今[天早]|\btoday\b|\bthis morning\b", re.IGNORECASE), 0, 1),
    (re.compile(r"上(?:周|星期|礼拜)|\blast week\b", re.IGNORECASE), 13, 14),
    (re.compile(r"上个?月|\blast month\b", re.IGNORECASE), 61, 61),
)
"""Words, how many days ago their stretch begins, and how many days it lasts."""
AROUND = timedelta(days=3)
"""A day that is named takes in its neighbours: things are told of on the days after."""
YEARS_BACK = 10
"""A month without a year means that month of any of so many years."""


def stretches(question: str, now: datetime) -> tuple[Stretch, ...]:
    """The times that a question names, the more exact ones doubled by a wider one around them."""
    found: list[Stretch] = []
    for words, ago, days in AGO:
        if words.search(question):
            start = datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=ago)
            found.append((start.timestamp(), (start + timedelta(days=days)).timestamp()))
    for match in MONTH.finditer(question):
        day = match["before"] or match["after"]
        found += _of_month(MONTHS.index(match["month"].lower()) + 1, match["year"], day, now)
    for pattern in (CHINESE_DATE, ISO_DATE):
        for match in pattern.finditer(question):
            found += _of_month(int(match["month"]), match["year"], match["day"], now)
    return tuple(found)


def _of_month(month: int, year: str | None, day: str | None, now: datetime) -> list[Stretch]:
    found: list[Stretch] = []
    for each in [int(year)] if year else range(now.year - YEARS_BACK, now.year + 1):
        first = datetime(each, month, 1, tzinfo=UTC)
        found.append((first.timestamp(), (first + timedelta(days=31)).timestamp()))
        if day and 1 <= int(day) <= 28 + 3 * (month != 2):
            exact = first + timedelta(days=int(day) - 1)
            found.append(((exact - AROUND).timestamp(), (exact + AROUND + timedelta(days=1)).timestamp()))
    return found
