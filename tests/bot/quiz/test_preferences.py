"""Settings, statistics and exports in a chat."""

from __future__ import annotations

import json

import pytest

from bot.quiz.router import Quiz
from tests.bot.quiz.making import ANN, GROUP, Chat, Clock, card


async def review_some(quiz: Quiz, chat: Chat, count: int = 3) -> None:
    await quiz.deck.sync("rag.md", [card(number) for number in range(1, count + 1)])
    await chat.say("")
    for _ in range(count):
        await chat.press("Show answer")
        await chat.press("Easy")


async def test_statistics_are_a_picture_and_words(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    assert (await chat.say("stats")).text == "You have no reviews yet; `/quiz` starts."
    await review_some(quiz, chat)
    page = await chat.say("stats")
    assert page.photo
    assert page.photo.startswith(b"\x89PNG")
    assert "Streak 1 d · reviews 3 · retention -\nDue 0 · today 3 · resting 0" in page.text
    await clock.forward(days=8)
    assert "Due 3" in (await chat.say("统计")).text


@pytest.mark.parametrize(("words", "time"), [("20:00", "20:00"), ("8:05", "08:05"), ("20：30", "20:30"), ("8点", "08:00")])
async def test_a_reminder_is_set_and_stopped(quiz: Quiz, chat: Chat, words: str, time: str) -> None:
    assert f"Every day at {time} (UTC)" in (await chat.say(f"remind {words}")).text
    assert f"Reminders come at {time}" in (await chat.say("提醒")).text
    assert (await chat.say("remind off")).text == "No more reminders."
    assert await quiz.desk.learners.with_reminder() == ()


@pytest.mark.parametrize("words", ["", "tomorrow", "25:00", "20:60", "-1", "２０:00:00"])
async def test_no_time_is_answered_with_an_example(quiz: Quiz, chat: Chat, words: str) -> None:
    assert "`/quiz remind 20:00`" in (await chat.say(f"remind {words}")).text
    assert await quiz.desk.learners.with_reminder() == ()


async def test_reminders_are_for_private_chats(quiz: Quiz) -> None:
    assert "private chats only" in (await quiz.command(ANN, GROUP, "remind 20:00", "en")).text


async def test_settings_are_kept_and_wrong_ones_refused(quiz: Quiz, chat: Chat) -> None:
    assert "Asia/Shanghai, where it is 2026-03-01 20:00" in (await chat.say("timezone asia/shanghai")).text
    assert 'There is no time zone "Mars"' in (await chat.say("timezone Mars")).text
    assert (await chat.say("new 5")).text == "New cards a day: 5 at most."
    assert "Now: 5" in (await chat.say("new many")).text
    assert (await chat.say("retention 85%")).text == "Target retention is now 85%."
    assert "Now: 85%" in (await chat.say("retention 100")).text
    learner = await quiz.desk.learners.get(ANN)
    assert (learner.timezone, learner.new_per_day, learner.retention) == ("Asia/Shanghai", 5, 0.85)


async def test_few_reviews_are_not_optimized(chat: Chat) -> None:
    assert "at least 400" in (await chat.say("optimize")).text


async def test_help_names_every_verb(chat: Chat) -> None:
    page = await chat.say("help")
    for verb in ("due", "stats", "undo", "suspend", "wake", "group", "stop", "remind", "timezone", "new", "retention", "export"):
        assert f"/quiz {verb}" in page.text


async def test_exports_are_files(quiz: Quiz, chat: Chat) -> None:
    assert "There are no cards yet" in (await chat.say("export csv")).text
    await review_some(quiz, chat)
    for kind, start in (("apkg", b"PK"), ("csv", b"\xef\xbb\xbfid,")):
        page = await chat.say(f"export {kind}")
        assert page.file
        assert page.file.name == f"notesbot-cards.{kind}"
        assert page.file.content.startswith(start)
    page = await chat.say("export json")
    assert page.file
    assert len(json.loads(page.file.content)) == 3
    assert "`/quiz export csv`" in (await chat.say("export")).text
    refused = await quiz.command(ANN, GROUP, "export json", "en")
    assert refused.file is None
