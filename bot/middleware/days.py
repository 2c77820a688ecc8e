"""A moment goes in; the day it belongs to, where the program runs, comes out with its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def day_and_end(moment: datetime) -> tuple[str, datetime]:
    """The day's name and the next midnight in UTC; `moment` has a time zone."""
    here = moment.astimezone()
    midnight = (here.replace(tzinfo=None) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return here.date().isoformat(), midnight.astimezone(UTC)
