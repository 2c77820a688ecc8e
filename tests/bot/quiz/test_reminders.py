"""Daily, at the person's hour, only if something is due, once a day."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest

from bot.quiz.fsrs import rate
from bot.quiz.router import Quiz
from bot.storage import Database
from bot.storage.cards import Learner, Review
from bot.types import Delivery, Page, Person, Place
from tests.bot.quiz.making import ANN, BEN, GROUP, NOON, PRIVATE, Chat, Clock, card, until


class Post:
    def __init__(self) -> None:
        self.sent: list[tuple[Place, Page]] = []
        self.ready = True
        self.outcome = Delivery.DELIVERED

    def is_ready(self, place: Place) -> bool:
        return self.ready

    async def deliver(self, place: Place, page: Page) -> Delivery:
        assert self.ready
        if self.outcome is Delivery.DELIVERED:
            self.sent.append((place, page))
        return self.outcome


async def make_due(quiz: Quiz, person: Person = ANN) -> None:
    await quiz.deck.sync("rag.md", [card(1)])
    schedule = rate(None, 3, NOON, Learner())
    await quiz.desk.reviews.record(Review(person=person.key, card="c0001", rating=3, at=NOON), schedule)


async def test_a_reminder_comes_at_the_hour_and_once(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await make_due(quiz)
    await chat.say("timezone Asia/Shanghai")  # it is 20:00 there
    await chat.say("remind 21:30")
    post = Post()
    assert await quiz.reminders.send(post) == 0
    await clock.forward(minutes=90)
    assert await quiz.reminders.send(post) == 1
    assert await quiz.reminders.send(post) == 0
    ((place, page),) = post.sent
    assert (place, page.text) == (PRIVATE, "Time to review. Cards due: 1.")
    begun = await quiz.press(ANN, PRIVATE, page.buttons[0].data)
    assert "Question 1?" in begun.text


async def test_not_again_after_a_restart_but_again_the_next_day(quiz: Quiz, chat: Chat, clock: Clock, database: Database) -> None:
    await make_due(quiz)
    await chat.say("remind 13:00")
    await clock.forward(hours=2)
    post = Post()
    await quiz.reminders.send(post)
    again = Quiz(database=database, vault="v", clock=clock)
    assert await again.reminders.send(post) == 0
    await clock.forward(hours=22, minutes=59)
    assert await again.reminders.send(post) == 0
    await clock.forward(minutes=1)
    assert await again.reminders.send(post) == 1


async def test_two_programs_remind_once(quiz: Quiz, chat: Chat, clock: Clock, database: Database) -> None:
    await make_due(quiz)
    await chat.say("remind 13:00")
    await clock.forward(hours=2)
    post, other = Post(), Quiz(database=database, vault="v", clock=clock)
    await asyncio.gather(quiz.reminders.send(post), other.reminders.send(post))
    assert len(post.sent) == 1


async def test_nothing_due_is_no_reminder_until_something_is(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await quiz.deck.sync("rag.md", [card(1)])
    await chat.say("remind 13:00")
    await clock.forward(hours=2)
    assert await quiz.reminders.due_reminders(clock.at) == ()
    await make_due(quiz)
    assert [reminder.due for reminder in await quiz.reminders.due_reminders(clock.at)] == [1]


async def test_an_hour_that_is_past_today_is_meant_for_tomorrow(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await make_due(quiz)
    await clock.forward(hours=1)
    await chat.say("remind 12:30")
    assert await quiz.reminders.due_reminders(clock.at) == ()
    await clock.forward(days=1)
    assert len(await quiz.reminders.due_reminders(clock.at)) == 1


async def test_who_has_blocked_the_bot_is_not_reminded_any_more_and_hears_of_it_when_they_are_back(
    quiz: Quiz, chat: Chat, clock: Clock
) -> None:
    await make_due(quiz)
    await chat.say("remind 13:00")
    await clock.forward(hours=2)
    post = Post()
    post.outcome = Delivery.NEVER
    assert await quiz.reminders.send(post) == 0
    assert await quiz.desk.learners.with_reminder() == ()
    post.outcome = Delivery.DELIVERED
    await quiz.reminders.tell_returned(post)
    quiz.heard_from(ANN, GROUP)  # who speaks in a group may have blocked the bot all the same
    quiz.heard_from(BEN, PRIVATE)
    await quiz.reminders.tell_returned(post)
    assert post.sent == []
    quiz.heard_from(ANN, PRIVATE)
    await quiz.reminders.tell_returned(post)
    quiz.heard_from(ANN, PRIVATE)
    await quiz.reminders.tell_returned(post)
    ((place, page),) = post.sent
    assert place == PRIVATE
    assert "`/quiz remind 13:00`" in page.text


async def test_who_sets_a_new_reminder_needs_no_word_of_the_old_one(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await make_due(quiz)
    await chat.say("remind 13:00")
    await quiz.desk.learners.stop_reminding(ANN.key)
    await chat.say("remind 14:00")
    assert await quiz.desk.learners.unreached() == ()


@pytest.mark.parametrize("ready", [True, False])
async def test_a_reminder_that_cannot_be_delivered_now_comes_later_on_the_same_day(
    quiz: Quiz, chat: Chat, clock: Clock, database: Database, ready: bool
) -> None:
    await make_due(quiz)
    await chat.say("remind 13:00")
    await clock.forward(hours=2)
    post = Post()
    post.ready, post.outcome = ready, Delivery.NOT_NOW
    for _ in range(20):
        again = Quiz(database=database, vault="v", clock=clock)
        assert await again.reminders.send(post) == 0
    post.ready, post.outcome = True, Delivery.DELIVERED
    assert await quiz.reminders.send(post) == 1
    assert await quiz.reminders.send(post) == 0
    assert "Question 1?" in (await quiz.press(ANN, PRIVATE, post.sent[0][1].buttons[0].data)).text


async def test_a_reminder_does_not_end_a_quiz_that_is_going_on(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await make_due(quiz)
    await chat.say("remind 13:00")
    await clock.forward(hours=2)
    await chat.say("")
    post = Post()
    await quiz.reminders.send(post)
    assert post.sent[0][1].buttons == ()
    assert "Answer 1" in (await chat.press("Show answer")).text


@pytest.mark.parametrize(
    ("zone", "hour", "early", "late"),
    [
        ("Europe/Berlin", "02:30", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("Europe/Berlin", "02:30", datetime(2026, 10, 25, 0, 29, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Asia/Kathmandu", "00:00", datetime(2026, 3, 9, 18, 14, tzinfo=UTC), datetime(2026, 3, 9, 18, 15, tzinfo=UTC)),
    ],
)
async def test_an_hour_that_a_clock_change_skips_or_repeats_comes_once(
    quiz: Quiz, chat: Chat, clock: Clock, zone: str, hour: str, early: datetime, late: datetime
) -> None:
    await make_due(quiz)
    await chat.say(f"timezone {zone}")
    await chat.say(f"remind {hour}")
    clock.at = early
    learner = (await quiz.desk.learners.with_reminder())[0]
    await quiz.desk.learners.claim(learner.person, "2026-03-09")
    assert await quiz.reminders.due_reminders(early) == ()
    assert len(await quiz.reminders.due_reminders(late)) == 1


async def test_serving_looks_at_the_clock_until_it_is_cancelled(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await make_due(quiz)
    await chat.say("remind 13:00")
    post = Post()
    task = asyncio.create_task(quiz.serve(post))
    await asyncio.sleep(0.05)
    assert post.sent == []
    await clock.forward(hours=2)
    await until(lambda: len(post.sent) == 1)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
