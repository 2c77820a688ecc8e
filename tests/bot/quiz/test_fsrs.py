"""The schedules are those of `fsrs` itself, kept and taken back exactly."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import fsrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quiz.fsrs import LEECH, CannotOptimize, fitted_parameters, next_dates, number_of, rate, state_of, unseen
from bot.storage import Database
from bot.storage.cards import Learner, Review, Reviews, Schedule
from tests.bot.quiz.making import NOON

LEARNERS = (
    Learner(),
    Learner(retention=0.8),
    Learner(
        retention=0.95,
        parameters=tuple(weight * 1.01 if 0 < at < 4 else weight for at, weight in enumerate(fsrs.Scheduler().parameters)),
    ),
)


def test_ten_thousand_random_reviews_give_what_fsrs_gives() -> None:
    order = random.Random(7)
    for learner in LEARNERS:
        wanted = fsrs.Scheduler(
            parameters=learner.parameters or fsrs.Scheduler().parameters,
            desired_retention=learner.retention,
            enable_fuzzing=False,
        )
        for number in range(100):
            at = NOON + timedelta(seconds=order.randrange(10**6), microseconds=order.randrange(10**6))
            theirs, ours = fsrs.Card(card_id=number + 1, due=at), None
            for _ in range(34):
                rating = order.choices((1, 2, 3, 4), (2, 2, 5, 1))[0]
                theirs, _ = wanted.review_card(theirs, fsrs.Rating(rating), at)
                ours = rate(ours, rating, at, learner)
                assert (ours.state, ours.step, ours.stability, ours.difficulty) == (
                    theirs.state,
                    theirs.step,
                    theirs.stability,
                    theirs.difficulty,
                )
                assert (ours.due, ours.last_review) == (theirs.due, theirs.last_review)
                late = (
                    timedelta(days=order.expovariate(1 / 3)) if order.random() < 0.7 else timedelta(minutes=order.randrange(20))
                )
                at = max(at, theirs.due) + late if order.random() < 0.8 else at + late


async def test_what_the_database_gives_back_goes_on_like_fsrs(database: Database) -> None:
    """Every schedule is read from the database before the next rating, and every rating is then taken back."""
    order, reviews, at = random.Random(3), Reviews(database), NOON
    theirs, scheduler = fsrs.Card(card_id=1, due=at), fsrs.Scheduler(enable_fuzzing=False)
    before: list[Schedule | None] = []
    for _ in range(60):
        at += timedelta(days=order.expovariate(1), microseconds=order.randrange(10**6))
        rating = order.randrange(1, 5)
        there = await reviews.schedule("p", "c")
        before.append(there)
        await reviews.record(
            Review(person="p", card="c", rating=rating, at=at, was=state_of(there)), rate(there, rating, at, Learner())
        )
        theirs, _ = scheduler.review_card(theirs, fsrs.Rating(rating), at)
        kept = await reviews.schedule("p", "c")
        assert kept
        assert (kept.stability, kept.difficulty, kept.due, kept.last_review) == (
            theirs.stability,
            theirs.difficulty,
            theirs.due,
            theirs.last_review,
        )
    for wanted in reversed(before):
        assert await database.write(lambda connection: reviews.undo_in(connection, "p"))
        assert await reviews.schedule("p", "c") == wanted
    assert await reviews.log("p") == ()


def test_the_four_dates_are_in_order_for_a_card_in_review() -> None:
    schedule = rate(None, 4, NOON, Learner())
    dates = next_dates(schedule, schedule.due, Learner())
    assert list(dates) == sorted(set(dates))


def test_a_leech_rests_from_its_eighth_lapse_on() -> None:
    schedule, at = rate(None, 4, NOON, Learner()), NOON
    for lapse in range(1, LEECH + 2):
        at += timedelta(days=100)
        schedule = rate(replace(schedule, suspended=""), 1, at, Learner())
        assert (schedule.lapses, schedule.suspended) == (lapse, "leech" if lapse >= LEECH else "")
        schedule = rate(schedule, 4, at, Learner())
        assert schedule.suspended == ("leech" if lapse >= LEECH else "")  # a rating does not wake it


def test_a_card_that_was_suspended_before_it_was_rated_is_new() -> None:
    assert state_of(None) == state_of(unseen(NOON)) == 0
    assert rate(unseen(NOON), 3, NOON, Learner()) == rate(None, 3, NOON, Learner())


@given(
    st.builds(
        Schedule,
        state=st.integers(1, 3),
        step=st.none() | st.integers(0, 3),
        stability=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        difficulty=st.none() | st.floats(1, 10),
        due=st.datetimes(timezones=st.just(UTC)),
        last_review=st.none() | st.datetimes(timezones=st.just(UTC)),
        lapses=st.integers(0, 99),
        suspended=st.sampled_from(["", "leech", "person"]),
    )
)
def test_a_schedule_survives_json_exactly(schedule: Schedule) -> None:
    import json

    assert Schedule.from_json(json.loads(json.dumps(schedule.as_json()))) == schedule


async def test_a_moment_keeps_its_instant_whatever_zone_it_comes_in(database: Database) -> None:
    there = datetime(2026, 3, 1, 20, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    await Reviews(database).record(Review(person="p", card="c", rating=3, at=there), replace(unseen(there), due=there))
    (review,) = await Reviews(database).log("p")
    assert review.at == there
    assert review.at.utcoffset() == timedelta(0)


async def test_too_few_reviews_are_not_fitted() -> None:
    with pytest.raises(CannotOptimize) as caught:
        await fitted_parameters([Review(person="p", card="c", rating=3, at=NOON)] * 399)
    assert (caught.value.name, caught.value.values) == ("optimize_few", {"count": 399, "enough": 400})


async def test_without_pytorch_the_message_names_the_extra() -> None:
    try:
        import torch  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        with pytest.raises(CannotOptimize) as caught:
            await fitted_parameters([Review(person="p", card="c", rating=3, at=NOON)] * 400)
        assert caught.value.name == "optimize_missing"
    else:
        pytest.skip("PyTorch is installed")


def test_a_number_for_fsrs_is_exact_in_any_json_reader() -> None:
    numbers = {number_of(f"c{n}") for n in range(5000)}
    assert len(numbers) == 5000
    assert all(0 <= number < 2**53 for number in numbers)
