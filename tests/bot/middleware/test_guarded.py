"""All guards together, on a real database."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from bot.middleware import guarded
from bot.middleware.errors import edged
from bot.storage import Event, Ledger, TurnStore, arrival
from bot.types import Answer, AnswerState, Person, Question
from tests.bot.middleware.asking import ANN, BEN, GROUP, OWNER, Slow, answers, at_once, guards, last, private, question, until

BOT = "telegram:100"


async def taken(ledger: Ledger, id_: str = "1") -> Event:
    event = arrival(bot=BOT, id=id_, place=GROUP, payload={"text": "?"})
    assert await ledger.take(event)
    return event


async def test_a_question_is_answered_once_and_its_event_is_finished(state: TurnStore) -> None:
    all_guards = guards(state)
    ask, event = guarded(at_once, all_guards), await taken(all_guards.ledger)
    async with aclosing(ask(question("a", inbound=event.key))) as stream:  # type: ignore[type-var]
        async for answer in stream:
            assert await all_guards.ledger.is_unfinished(event.key)  # it is not drawn yet
            await all_guards.ledger.answering(event, ["10"])
            assert answer.text == "a whole"
    assert not await all_guards.ledger.is_unfinished(event.key)
    assert await all_guards.ledger.answer_in(BOT, GROUP, "10") == "id a"
    assert await answers(ask, question("a", inbound=event.key)) == []


async def test_a_platform_that_is_cancelled_leaves_the_event_to_the_next_start(state: TurnStore) -> None:
    all_guards, slow = guards(state), Slow()
    event = await taken(all_guards.ledger)
    task = asyncio.create_task(answers(guarded(slow.ask, all_guards), question("a", inbound=event.key)))
    await until(lambda: slow.begun)
    task.cancel()
    await asyncio.wait({task})
    await until(lambda: slow.closed)
    assert [one.key for one in await all_guards.ledger.unfinished(BOT)] == [event.key]


async def test_who_goes_away_before_the_last_snapshot_is_drawn_leaves_it_unfinished(state: TurnStore) -> None:
    all_guards = guards(state)
    event = await taken(all_guards.ledger)
    async with aclosing(guarded(at_once, all_guards)(question("a", inbound=event.key))) as stream:  # type: ignore[type-var]
        assert (await anext(stream)).final
    assert await all_guards.ledger.is_unfinished(event.key)


async def test_refusals_and_silence_finish_the_event_too(state: TurnStore) -> None:
    all_guards, eve = guards(state), Person(platform="telegram", id="9")
    ask = guarded(at_once, all_guards)
    for id_, states in (("1", [AnswerState.REFUSED]), ("2", [])):
        event = await taken(all_guards.ledger, id_)
        drawn = await answers(ask, question("a", eve, private(eve), inbound=event.key))
        assert [answer.state for answer in drawn] == states
    assert await all_guards.ledger.unfinished(BOT) == ()


async def test_a_stranger_spends_nobody_s_questions_and_no_place_in_the_line(state: TurnStore) -> None:
    all_guards = guards(state, limits={"place_per_minute": 2, "queue": 1}, telegram={"admins": [1], "allowed_users": [5]})
    ask, eve = guarded(at_once, all_guards), Person(platform="telegram", id="9")
    for _ in range(5):
        await last(ask, question("x", eve))
    assert [(await answers(ask, question(text)))[-1].text for text in "ab"] == ["a whole", "b whole"]
    assert (await answers(ask, question("c")))[-1].state is AnswerState.REFUSED


async def test_questions_of_a_place_are_answered_in_the_order_of_asking(state: TurnStore) -> None:
    all_guards, slow = guards(state, limits={"person_per_minute": 99, "place_per_minute": 99, "queue": 99}), Slow()
    ask = guarded(slow.ask, all_guards)
    asked = [question(str(n), (OWNER, ANN, BEN)[n % 3]) for n in range(12)]
    for one in asked:
        slow.gate(one.text).set()
    await asyncio.gather(*(answers(ask, one) for one in asked))
    assert slow.ended == [one.text for one in asked]
    assert slow.most_at_once == 1


async def test_what_breaks_is_said_plainly_with_the_number_of_the_log_s_traceback(
    state: TurnStore, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(question: Question) -> AsyncIterator[Answer]:
        yield Answer(state=AnswerState.PARTIAL, text="half of it")
        raise ZeroDivisionError("inside")

    all_guards = guards(state)
    event = await taken(all_guards.ledger)
    with caplog.at_level(logging.INFO):
        answer = await last(guarded(broken, all_guards), question("my secret", inbound=event.key))
    assert answer
    assert answer.state is AnswerState.FAILED
    number = re.fullmatch(r"half of it\n\nSomething went wrong .* Error ([0-9a-f]{8}); .*", answer.text)
    assert number
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert number[1] in record.getMessage()
    assert "ZeroDivisionError: inside" in caplog.text
    assert "my secret" not in caplog.text
    assert "inside" not in answer.text
    assert not await all_guards.ledger.is_unfinished(event.key)


async def test_a_stream_without_a_last_snapshot_is_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    async def unfinished(question: Question) -> AsyncIterator[Answer]:
        yield Answer(state=AnswerState.PARTIAL, text="half")

    answer = await last(edged(unfinished), question())
    assert answer
    assert (answer.state, answer.text[:4]) == (AnswerState.FAILED, "half")
    assert "ended without its last snapshot" in caplog.text


async def test_a_database_that_breaks_at_the_door_is_said_too(state: TurnStore, caplog: pytest.LogCaptureFixture) -> None:
    all_guards = guards(state)
    await state.database.write(lambda connection: connection.exec_driver_sql("DROP TABLE admitted"))
    answer = await last(guarded(at_once, all_guards), question("my secret"))
    assert answer
    assert answer.state is AnswerState.FAILED
    assert re.search(r"no such table: admitted|\"admitted\" does not exist", caplog.text)
    assert "my secret" not in caplog.text
    assert "admitted" not in answer.text


async def test_a_ledger_that_breaks_after_the_answer_takes_nothing_back(
    state: TurnStore, caplog: pytest.LogCaptureFixture
) -> None:
    all_guards = guards(state)
    event = await taken(all_guards.ledger)
    drawn = []
    async for answer in guarded(at_once, all_guards)(question("a", inbound=event.key)):
        drawn.append(answer.state)
        await state.database.write(lambda connection: connection.exec_driver_sql("DROP TABLE events"))
    assert drawn == [AnswerState.MODEL]
    assert "could not be answered" in caplog.text


async def test_stop_knows_admins(state: TurnStore) -> None:
    all_guards, slow = guards(state), Slow()
    task = asyncio.create_task(answers(guarded(slow.ask, all_guards), question("a")))
    await until(lambda: slow.begun)
    assert await all_guards.stop(GROUP, BEN) == "not_yours"
    assert await all_guards.stop(GROUP, OWNER) == "yes"
    assert (await task)[-1].state is AnswerState.STOPPED


async def test_the_end_of_the_program_cuts_what_runs_and_keeps_what_waits_for_the_next_start(state: TurnStore) -> None:
    all_guards, slow = guards(state), Slow()
    ask = guarded(slow.ask, all_guards)
    events = [await taken(all_guards.ledger, id_) for id_ in "123"]
    tasks = [asyncio.create_task(answers(ask, question(event.id, inbound=event.key))) for event in events]
    await until(lambda: slow.begun)
    await asyncio.sleep(0.05)
    await all_guards.drain(0.01)
    drawn = await asyncio.gather(*tasks)
    assert drawn[0][-1].state is AnswerState.STOPPED
    assert all(answer.state is AnswerState.THINKING for of_one in drawn[1:] for answer in of_one)
    assert [one.id for one in await all_guards.ledger.unfinished(BOT)] == ["2", "3"]
    assert await answers(ask, question("4")) == []
