"""Days on a person's clock: what is today, when it ends, when HH:MM is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from bot.settings import Problem


class UnknownTimezone(Problem):
    """No such time zone; the message says what one looks like."""


def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name, whatever its case.

    Raises:
        UnknownTimezone: there is none.
    """
    found = next((known for known in available_timezones() if known.casefold() == name.casefold()), "")
    if not found:
        raise UnknownTimezone(f"{name}: no such time zone (a name looks like Asia/Shanghai or Europe/Berlin)")
    return ZoneInfo(found)


def local_timezone() -> str:
    """The IANA name of this machine's time zone; UTC where it does not say."""
    link = Path("/etc/localtime")
    name = str(link.resolve()).rpartition("zoneinfo/")[2] if link.is_symlink() else ""
    return name if name in available_timezones() else "UTC"


def day_of(moment: datetime, timezone: str) -> date:
    """The date on the person's calendar."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def start_of(day: date, timezone: str) -> datetime:
    """The first moment of a day on the person's clock, in UTC."""
    return moment_of(day, time(), timezone)


def end_of_today(now: datetime, timezone: str) -> datetime:
    """The first moment of tomorrow."""
    return start_of(day_of(now, timezone) + timedelta(days=1), timezone)


def moment_of(day: date, clock: time, timezone: str) -> datetime:
    """When the person's clock shows `clock` on that day; an hour that the change to summer time skips comes after it."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def clock_time(words: str) -> time | None:
    """The time that `20:00`, `8:5`, `20：00`, `8点` or `20` says; None for anything else."""
    hour, _, minute = words.strip().replace("：", ":").replace("点", ":").removesuffix(":").partition(":")
    if not (hour.isascii() and hour.isdecimal() and (minute or "0").isascii() and (minute or "0").isdecimal()):
        return None
    if int(hour) > 23 or int(minute or 0) > 59:
        return None
    return time(int(hour), int(minute or 0))
