from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.middleware.admission import Refusal, in_words
from bot.middleware.rate_limit import Bucket, RateLimiter, day_and_end
from bot.settings import LimitSettings
from bot.storage import Tallies, TurnStore
from bot.types import Language, Person, Place
from tests.bot.middleware.asking import ANN, BEN, GROUP, OWNER, private, question


class Clocks:
    def __init__(self) -> None:
        self.seconds = 1000.0
        self.date = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def passed(self, seconds: float) -> None:
        self.seconds += seconds
        self.date += timedelta(seconds=seconds)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


def limited(state: TurnStore, clocks: Clocks, **limits: int) -> RateLimiter:
    async def is_exempt(person: Person, place: Place) -> bool:
        return person.id == OWNER.id

    return RateLimiter(
        LimitSettings(**limits),
        tallies=Tallies(state.database),
        is_exempt=is_exempt,
        clock=lambda: clocks.seconds,
        today=lambda: clocks.date,
    )


async def outcomes(guard: RateLimiter, count: int, person: Person = ANN, place: Place | None = None) -> list[str | None]:
    """What each question is told: nothing when it is let through."""
    asked = question(person=person, place=place or private(person))
    refusals = [await guard.refuse(asked) for _ in range(count)]
    return [refusal.line if refusal else None for refusal in refusals]


async def test_a_person_may_ask_so_often_a_minute_and_is_told_once_when_to_come_back(state: TurnStore, clocks: Clocks) -> None:
    guard = limited(state, clocks, person_per_minute=3)
    assert await outcomes(guard, 6) == [None] * 3 + ["You're asking too fast. Please try again in 20 s.", "", ""]
    clocks.passed(19)
    assert await outcomes(guard, 1) == [""]
    clocks.passed(2)
    assert await outcomes(guard, 2) == [None, "You're asking too fast. Please try again in 19 s."]
    assert await outcomes(guard, 1, BEN) == [None]


async def test_a_group_has_a_limit_of_its_own_whoever_asks(state: TurnStore, clocks: Clocks) -> None:
    guard = limited(state, clocks, person_per_minute=10, place_per_minute=3)
    crowd = [Person(platform="telegram", id=str(n), language="en") for n in range(5, 10)]
    said = [(await outcomes(guard, 1, person, GROUP))[0] for person in crowd]
    assert said[:3] == [None] * 3
    assert all(line and line.startswith("There are many questions here") for line in said[3:])
    assert await outcomes(guard, 5, crowd[4]) == [None] * 5  # not held against them elsewhere


async def test_the_count_of_the_day_survives_a_restart_and_ends_at_midnight(state: TurnStore, clocks: Clocks) -> None:
    assert await outcomes(limited(state, clocks, person_per_day=3), 2) == [None] * 2
    said = await outcomes(limited(state, clocks, person_per_day=3), 3)
    assert said[0] is None
    assert said[1]
    assert said[1].startswith("You have used your 3 questions for today; please come back in ")
    assert said[2] == ""
    clocks.passed(86_400)
    assert await outcomes(limited(state, clocks, person_per_day=3), 1) == [None]


async def test_what_is_refused_for_the_minute_does_not_count_for_the_day(state: TurnStore, clocks: Clocks) -> None:
    guard = limited(state, clocks, person_per_minute=1, person_per_day=2)
    await outcomes(guard, 10)
    clocks.passed(61)
    assert await outcomes(guard, 1) == [None]


async def test_admins_are_not_limited(state: TurnStore, clocks: Clocks) -> None:
    guard = limited(state, clocks, person_per_minute=1, person_per_day=1, place_per_minute=1)
    assert await outcomes(guard, 10, OWNER, GROUP) == [None] * 10


async def test_people_who_stay_away_take_no_memory(state: TurnStore, clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.middleware.rate_limit.REMEMBERED", 10)
    guard = limited(state, clocks, person_per_minute=1)
    for n in range(100):
        await outcomes(guard, 2, Person(platform="telegram", id=str(n)))
        clocks.passed(61)
    assert len(guard._buckets) <= 11
    assert len(guard._told) <= 11


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 10))
def test_no_minute_sees_more_than_twice_the_rate_and_who_waits_is_let_in(pauses: list[float], rate: int) -> None:
    """A bucket lets a burst of the rate through, and the rate after it."""
    now, bucket, passed = 0.0, Bucket(left=rate, at=0.0), []
    for pause in pauses:
        now += pause
        bucket = bucket.filled(now, rate)
        assert 0 <= bucket.left <= rate
        if bucket.left >= 1:
            passed.append(now)
            bucket = bucket.taken()
        else:
            assert bucket.filled(now + bucket.wait(rate) + 1e-6, rate).left >= 1
    assert all(sum(start <= at < start + 60 for at in passed) <= 2 * rate for start in passed)


@pytest.mark.parametrize(
    ("seconds", "language", "words"),
    [(0.2, "en", "1 s"), (19.5, "en", "20 s"), (100, "en", "2 min"), (5999, "zh", " 2 小时"), (7200, "en", "2 h")],
)
def test_a_wait_is_said_in_a_unit_that_people_use(seconds: float, language: Language, words: str) -> None:
    assert in_words(seconds, language) == words


def test_a_day_ends_at_the_next_midnight() -> None:
    now = datetime.now(UTC)
    day, end = day_and_end(now)
    assert timedelta(0) < end - now <= timedelta(hours=25)
    assert (end.astimezone().hour, end.astimezone().minute) == (0, 0)
    assert day_and_end(end)[0] > day


def test_silence_is_a_refusal() -> None:
    assert bool(Refusal())
