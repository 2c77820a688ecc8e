"""Rate limits: a token bucket per minute in memory, a daily quota in the database."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.middleware.admission import Refusal, in_words, say
from bot.settings import LimitSettings
from bot.storage import Tallies
from bot.types import Person, Place, Question


def day_and_end(moment: datetime) -> tuple[str, datetime]:
    """The day's name and the next midnight in UTC; `moment` has a time zone."""
    here = moment.astimezone()
    midnight = (here.replace(tzinfo=None) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return here.date().isoformat(), midnight.astimezone(UTC)


REMEMBERED = 10_000
"""Buckets in memory; full ones are dropped when there are more, because a new one is full too."""
MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """How many questions may be asked at once, as of a moment; it fills up evenly."""

    left: float
    at: float
    """Seconds of a monotonic clock."""

    def filled(self, now: float, per_minute: int) -> Bucket:
        return Bucket(left=min(float(per_minute), self.left + (now - self.at) * per_minute / MINUTE), at=now)

    def wait(self, per_minute: int) -> float:
        """Seconds until one question may be asked."""
        return max(0.0, (1 - self.left) * MINUTE / per_minute)

    def taken(self) -> Bucket:
        return Bucket(left=self.left - 1, at=self.at)


class RateLimiter:
    """Decides whether somebody asks too often. Who is told to wait is told once, and not heard until then."""

    def __init__(
        self,
        limits: LimitSettings,
        *,
        tallies: Tallies,
        is_exempt: Callable[[Person, Place], Awaitable[bool]],
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._limits = limits
        self._tallies = tallies
        self._is_exempt = is_exempt
        self._clock = clock
        self._today = today
        self._buckets: dict[str, Bucket] = {}
        self._told: dict[str, float] = {}

    async def refuse(self, question: Question) -> Refusal | None:
        """Count a question, or refuse it; a question that is refused for the minute does not count for the day."""
        if await self._is_exempt(question.person, question.place):
            return None
        return self._for_the_minute(question) or await self._for_the_day(question)

    def _for_the_minute(self, question: Question) -> Refusal | None:
        person, place, now = question.person, question.place, self._clock()
        asked = [("too_often", person.key, self._limits.person_per_minute)]
        if not place.private:
            asked.append(("too_often_here", place.key, self._limits.place_per_minute))
        buckets = {key: self._bucket(key, now, rate) for _, key, rate in asked}
        for name, key, rate in asked:
            if buckets[key].left < 1:
                return self._told_once(name, question, buckets[key].wait(rate))
        self._buckets |= {key: bucket.taken() for key, bucket in buckets.items()}
        self._drop_full(now)
        return None

    async def _for_the_day(self, question: Question) -> Refusal | None:
        day, end = day_and_end(self._today())
        asked = await self._tallies.count("asked", question.person.key, day, until=end)
        if asked <= self._limits.person_per_day:
            return None
        wait = (end - self._today()).total_seconds()
        return self._told_once("too_many_today", question, wait, count=self._limits.person_per_day)

    def _told_once(self, name: str, question: Question, wait: float, **values: object) -> Refusal:
        now, person = self._clock(), question.person
        if self._told.get(person.key, 0.0) > now:
            return Refusal()
        self._told[person.key] = now + wait
        return Refusal(line=say(name, person.language, when=in_words(wait, person.language), **values))

    def _bucket(self, key: str, now: float, per_minute: int) -> Bucket:
        return self._buckets.get(key, Bucket(left=per_minute, at=now)).filled(now, per_minute)

    def _drop_full(self, now: float) -> None:
        """After a minute without a question a bucket is full, whatever its rate."""
        if len(self._buckets) > REMEMBERED:
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if now - bucket.at < MINUTE}
        if len(self._told) > REMEMBERED:
            self._told = {key: until for key, until in self._told.items() if until > now}
