"""Flashcards in a server's channel and in a direct message, with the quiz itself behind the buttons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.quiz.fsrs import rate
from bot.quiz.router import Quiz
from bot.storage.cards import Learner, Review
from bot.types import Person
from tests.bot.platforms.discord.stage import Stage
from tests.bot.quiz.making import card


@pytest.fixture
async def quiz(stage: Stage) -> Quiz:
    one = Quiz(database=stage.state.database, vault="v", defaults=Learner(new_per_day=10))
    await one.deck.sync("rag.md", [card(number) for number in range(1, 6)])
    return one


async def test_a_card_is_asked_shown_rated_and_taken_back(stage: Stage, quiz: Quiz) -> None:
    person = f"discord:{stage.tom.id}"
    async with stage.running(quizzes=quiz):
        call = await stage.slash("quiz", topic="2").until_answered()
        assert "Question 1?" in call.text
        for verb, text in (("q:a:", "Answer 1"), ("q:r4:", "Question 2?")):
            assert call.original
            data = next(str(one["custom_id"]) for one in call.original.buttons if verb in str(one["custom_id"]))
            stage.fake.people.presses(stage.tom, call.original, data)
            await stage.settled(lambda text=text: text in call.text)
        assert [one.rating for one in await quiz.desk.reviews.log(person)] == [4]
        undone = await stage.slash("quiz", topic="undo").until_answered()
        assert "Question 1?" in undone.text
        assert await quiz.desk.reviews.log(person) == ()
    stage.all_was_well()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("timezone Asia/Shanghai", "Asia/Shanghai"),
        ("new 3", "3"),
        ("retention 85", "85%"),
        ("remind 20:00", "20:00"),
        ("remind off", ""),
        ("due", ""),
    ],
)
async def test_what_can_be_set_is_a_word_away(stage: Stage, quiz: Quiz, words: str, answer: str) -> None:
    async with stage.running(quizzes=quiz):
        call = await stage.slash("quiz", at=stage.direct(), topic=words).until_answered()
        assert answer in call.text
    learner = await quiz.desk.learners.get(Person(platform="discord", id=str(stage.tom.id), language="en"))
    assert learner.remind_at == ("20:00" if words == "remind 20:00" else "")
    stage.all_was_well()


async def test_statistics_are_a_picture_and_cards_a_file(stage: Stage, quiz: Quiz) -> None:
    at = datetime.now(UTC) - timedelta(days=1)
    schedule = rate(None, 3, at, Learner())
    await quiz.desk.reviews.record(Review(person=f"discord:{stage.tom.id}", card="c0001", rating=3, at=at), schedule)
    async with stage.running(quizzes=quiz):
        stats = await stage.slash("quiz", topic="stats").until_answered()
        await stage.settled(lambda: stats.original and stats.original.attachments)
        assert stats.original
        assert stats.original.attachments[0].content.startswith(b"\x89PNG")
        export = await stage.slash("quiz", topic="export apkg").until_answered()
        await stage.settled(lambda: export.original and export.original.attachments)
        assert export.original
        assert export.original.attachments[0].filename == "notesbot-cards.apkg"
    stage.all_was_well()
