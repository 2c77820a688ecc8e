"""Nothing is lost and nothing is answered twice, whatever breaks and whenever."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

import prompts
from bot.middleware.admission import say
from bot.platforms.protocol import InboundMessage
from bot.settings import PlatformProblem
from bot.storage import Ledger
from bot.types import Delivery, Page, Person, Place
from tests.bot.platforms.discord.stage import POST, RICE, Script, Stage, is_complete
from tests.fakes.discord import Trouble

CALLBACK = "POST /interactions/{interaction_id}/{token}/callback"


async def test_an_answer_that_was_cut_off_goes_on_in_the_same_message(stage: Stage) -> None:
    script = Script(waits=True)
    async with stage.running(script.ask):
        stage.says("@bot 米饭")
        await stage.settled(lambda: stage.fake.said(stage.kitchen))
    async with stage.running():
        (answer,) = await stage.said()
        assert answer.text != "煮"
        await stage.finished()
    assert len(stage.fake.said(stage.kitchen)) == 1
    stage.all_was_well()


async def test_a_response_that_was_cut_off_goes_on_also_when_its_token_is_too_old(stage: Stage) -> None:
    script = Script(waits=True)
    async with stage.running(script.ask):
        first, second = stage.slash("ask", question=RICE), stage.slash("ask", by=stage.mei, at=stage.mei, question=RICE)
        await first.until_answered()
        await second.until_answered()
    first.expire()
    async with stage.running(Script(says="好").ask):
        await stage.said()
        await stage.said(at=stage.direct(stage.mei))
        await stage.finished()
    assert (first.text, second.text) == ("好", "好")
    assert len(stage.fake.said(stage.kitchen)) == len(stage.fake.said(stage.direct(stage.mei))) == 1


async def test_what_was_said_while_it_was_away_is_answered_once(stage: Stage) -> None:
    async with stage.running():
        stage.says(f"@bot {RICE}")
        await stage.said()
        await stage.finished()
    stage.says("@bot 一", by=stage.mei)
    stage.says("不问你")
    stage.says("@bot 陌生", by=stage.eve)
    stage.says("二", at=stage.tom)
    script = Script()
    async with stage.running(script.ask):
        await stage.said(2)
        await stage.said(at=stage.direct())
        await stage.finished()
    async with stage.running(script.ask):
        stage.says("@bot 三")
        await stage.said(3)
        await stage.finished()
    assert sorted(one.text for one in script.asked) == sorted(["一", "二", "三"])
    stage.all_was_well()


async def test_what_is_too_old_gets_one_apology(stage: Stage) -> None:
    person = Person(platform="discord", id=str(stage.tom.id))
    place = Place(platform="discord", chat=str(stage.kitchen.id), private=False, guild=str(stage.guild.id))
    ledger = Ledger(stage.state.database)
    for _ in range(3):
        asked = stage.says("@bot 米饭")
        told = {"id": str(asked.id), "message": str(asked.id), "text": "米饭", "said": datetime.now(UTC) - timedelta(hours=2)}
        event = InboundMessage(person=person, place=place, **told).event(f"discord:{stage.fake.bot.id}")
        await ledger.take(event)
        stage.fake.people.deletes(stage.tom, asked)
    script = Script()
    async with stage.running(script.ask):
        (line,) = await stage.said()
        await stage.finished()
    assert line.text == say("late", "zh")
    assert script.asked == []
    assert event.said < datetime.now(UTC) - timedelta(hours=1)


async def test_dropped_connections_are_resumed_and_lost_sessions_caught_up(stage: Stage) -> None:
    script = Script()
    async with stage.running(script.ask, discord={"threads": {"after": 0}}):
        for number in range(6):
            stage.fake.gateway.drop(lose=number % 3 == 2)
            stage.says(f"@bot {number}", by=stage.mei)
            await stage.fake.until(lambda wanted=number + 1: len(stage.fake.said(stage.kitchen)) >= wanted, 20)  # type: ignore[misc]
        await stage.said(6)
        await stage.finished()
    assert sorted(one.text for one in script.asked) == [str(number) for number in range(6)]
    assert len(stage.fake.said(stage.kitchen)) == 6


async def test_as_many_shards_as_are_set_share_the_work(stage: Stage) -> None:
    script = Script()
    async with stage.running(script.ask, discord={"shards": 2}):
        await stage.settled(lambda: len(stage.fake.gateway.connected) == 2)
        stage.says("@bot 米饭")
        stage.says("粥", at=stage.tom)
        await stage.said()
        await stage.said(at=stage.direct())
        await stage.finished()
    assert sorted(one.text for one in script.asked) == ["米饭", "粥"]


async def test_a_connection_that_breaks_while_sending_makes_no_second_message(stage: Stage) -> None:
    async with stage.running(Script().ask):
        stage.fake.once(Trouble.CUT_AFTER, POST)
        stage.fake.once(Trouble.UNAVAILABLE, POST)
        stage.fake.once(Trouble.CUT_AFTER, "PATCH")
        stage.says("@bot 米饭")
        (answer,) = await stage.said()
        await stage.finished()
        assert answer.text == "煮二十分钟。"
    assert len(stage.fake.said(stage.kitchen)) == 1


async def test_it_stops_with_what_there_is_and_says_so(stage: Stage) -> None:
    async with stage.running(Script(waits=True).ask) as running:
        stage.says("@bot 米饭")
        await stage.settled(lambda: stage.fake.said(stage.kitchen))
        call = await stage.slash("ask", at=stage.tom, question=RICE).until_answered()
        await running.end()
    (answer,) = stage.fake.said(stage.kitchen)
    assert say("closing", "zh") in answer.text
    assert is_complete(answer)
    assert say("closing", "en") in call.text
    stage.all_was_well()


async def test_an_acknowledgement_that_was_not_followed_is_not_left_thinking(stage: Stage) -> None:
    async with stage.running() as running:
        await stage.slash("help").until_answered()
        running.platform._inbox.arrive = lambda said: True  # type: ignore[method-assign]  # killed before it was taken
        call = await stage.slash("ask", question=RICE).until_acknowledged()
    async with stage.running():
        await call.until_answered()
    assert call.text in {prompts.load("discord").say("lost", language) for language in prompts.LANGUAGES}


async def test_an_acknowledgement_that_failed_is_made_good_in_the_channel(stage: Stage) -> None:
    async with stage.running(Script().ask):
        stage.fake.once(Trouble.UNAVAILABLE, CALLBACK)
        stage.slash("ask", question=RICE)
        (answer,) = await stage.said()
    assert answer.text == "煮二十分钟。"


async def test_a_place_that_is_closed_ends_the_event(stage: Stage) -> None:
    async with stage.running(Script().ask):
        stage.fake.once(Trouble.MISSING_ACCESS, POST)
        stage.says("@bot 米饭")
        await stage.settled(lambda: stage.fake.refusals)
        await stage.finished()
        stage.says("@bot 米饭")
        await stage.said()


async def test_a_fault_is_said_in_a_line_with_its_number(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    async with stage.running() as running:

        async def breaks(*_: object, **__: object) -> None:
            raise RuntimeError("a fault")

        running.platform._dispatcher._controls.obey = breaks  # type: ignore[assignment]
        call = await stage.slash("help").until_answered()
        await stage.finished()
        assert call.text.startswith("Something went wrong. Error ")
    stage.all_was_well()


async def test_a_token_or_an_intent_that_is_refused_is_one_line(stage: Stage) -> None:
    with pytest.raises(PlatformProblem, match="refuses the token"):
        async with stage.running(token="MTIzNDU2Nzg5.wrong.token"):
            """It does not come to this."""
    stage.fake.gateway.allowed = 0
    with pytest.raises(PlatformProblem, match="Message Content Intent"):
        async with stage.running():
            """It does not come to this."""


async def test_without_a_network_it_is_tried_until_there_is_one_with_a_line_each_time(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.fake.stop()

    async def comes_back() -> None:
        await asyncio.sleep(3)  # after several tries
        await stage.fake.start()

    back = asyncio.create_task(comes_back())
    async with stage.running(Script().ask):
        await back
        stage.says("@bot 米饭")
        assert [one.text for one in await stage.said()] == ["煮二十分钟。"]
        await stage.fake.stop()
        await asyncio.sleep(0.5)
        await stage.fake.start()
        await stage.fake.until_ready(30)
        stage.says("@bot 面条")
        await stage.said(2)
    lines = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert sum("Discord is not reached" in one.getMessage() for one in lines) >= 2
    assert [one.getMessage() for one in lines if one.exc_info] == []


async def test_pages_are_delivered_unasked_and_those_with_a_key_only_once(stage: Stage) -> None:
    place = Place(platform="discord", chat=str(stage.kitchen.id), private=False)
    async with stage.running() as running:
        await stage.settled(lambda: running.platform._inbox.is_open)
        for page in (Page(text="卡片 1", key="k"), Page(text="卡片 2", key="k"), Page(text="提醒")):
            assert await running.platform.deliver(place, page) is Delivery.DELIVERED
        assert [one.text for one in stage.fake.said(stage.kitchen)] == ["卡片 2", "提醒"]
        assert await running.platform.deliver(Place(platform="discord", chat="1"), Page(text="x")) is Delivery.NEVER
    assert await running.platform.deliver(place, Page(text="提醒")) is Delivery.NOT_NOW


async def test_questions_of_one_channel_are_answered_in_their_order(stage: Stage) -> None:
    script = Script()
    limits = {"person_per_minute": 100, "place_per_minute": 100, "queue": 50}
    async with stage.running(script.ask, limits=limits, discord={"threads": {"after": 0}}):
        for number in range(12):
            stage.says(f"@bot {number}", by=stage.mei)
            await asyncio.sleep(0)
        await stage.said(12)
    assert [one.text for one in script.asked] == [str(number) for number in range(12)]
    stage.all_was_well()
