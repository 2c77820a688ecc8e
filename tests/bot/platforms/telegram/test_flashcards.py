"""Flashcards in a private chat, with the quiz itself behind the buttons and every word that follows `/quiz`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.quiz.fsrs import rate
from bot.quiz.router import Quiz
from bot.storage.cards import Learner, Review
from tests.bot.platforms.telegram.serving import Home
from tests.bot.quiz.making import card
from tests.fakes.telegram import FakeTelegram, User
from tests.fakes.telegram.received import Seen


@pytest.fixture
async def quiz(home: Home) -> Quiz:
    one = Quiz(database=home.state.database, vault="v", defaults=Learner(new_per_day=10))
    await one.deck.sync("rag.md", [card(number) for number in range(1, 6)])
    home.quizzes = one
    return one


async def said(telegram: FakeTelegram, by: User, words: str) -> Seen:
    """What the bot answers in a message of its own."""

    def of_bot() -> list[Seen]:
        return [one for one in telegram.read(by) if one.by == "Notes"]

    before = len(of_bot())
    telegram.world.says(by, by, words)
    await telegram.until(lambda: len(of_bot()) > before)
    return of_bot()[-1]


async def test_a_card_is_asked_answered_rated_and_taken_back(home: Home, telegram: FakeTelegram, bob: User, quiz: Quiz) -> None:
    home.allow(bob)
    person = f"telegram:{bob.id}"
    async with home.serving():
        asked = await said(telegram, bob, "/quiz 2")
        assert "Question 1?" in asked.text
        judged = await said(telegram, bob, "answer 1")
        assert "Right" in judged.text
        message = telegram.world.private(bob).messages[judged.id]
        easy = next(label for row in judged.buttons for label in row if label.startswith("Easy"))
        telegram.world.presses(bob, message, easy)
        await telegram.until(lambda: any("Question 2?" in one.text for one in telegram.read(bob)))
        assert [one.rating for one in await quiz.desk.reviews.log(person)] == [4]
        undone = await said(telegram, bob, "/quiz undo")
        assert "taken back" in undone.text
        assert await quiz.desk.reviews.log(person) == ()
        assert "will not be asked again" in (await said(telegram, bob, "/quiz suspend")).text
        assert "Cards brought back: 1" in (await said(telegram, bob, "/quiz wake")).text
        assert "Done, 0 cards" in (await said(telegram, bob, "/quiz stop")).text
    assert telegram.refusals == []


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("remind 20:00", "Every day at 20:00 (UTC)"),
        ("remind off", "No more reminders."),
        ("timezone Asia/Shanghai", "Your time zone is Asia/Shanghai"),
        ("new 3", "New cards a day: 3 at most."),
        ("retention 85", "Target retention is now 85%."),
        ("due", "Nothing is due now."),
        ("stats", "You have no reviews yet"),
        ("help", "/quiz group"),
        ("optimize", "You need at least 400 reviews"),
    ],
)
async def test_what_can_be_set_and_seen_is_a_word_away(
    home: Home, telegram: FakeTelegram, bob: User, quiz: Quiz, words: str, answer: str
) -> None:
    home.allow(bob)
    async with home.serving():
        assert answer in (await said(telegram, bob, f"/quiz {words}")).text
    assert telegram.refusals == []


async def test_statistics_are_a_picture_and_cards_a_file(home: Home, telegram: FakeTelegram, bob: User, quiz: Quiz) -> None:
    home.allow(bob)
    at = datetime.now(UTC) - timedelta(days=1)
    schedule = rate(None, 3, at, Learner())
    await quiz.desk.reviews.record(Review(person=f"telegram:{bob.id}", card="c0001", rating=3, at=at), schedule)
    async with home.serving():
        stats = await said(telegram, bob, "/quiz stats")
        assert "Streak 1 d" in stats.text
        for name in ("notesbot-cards.apkg", "notesbot-cards.csv", "notesbot-reviews.json"):
            await said(telegram, bob, f"/quiz export {name.rpartition('.')[2]}")
            await telegram.until(lambda name=name: telegram.read(bob)[-1].file == name)
    assert telegram.refusals == []
