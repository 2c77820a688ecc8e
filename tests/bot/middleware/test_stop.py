from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from bot.middleware.admission import Refusal
from bot.middleware.cancellation import RunningAnswers, StopResult, stop
from bot.middleware.queue import QuestionQueues
from bot.types import Answer, AnswerState, Ask, Question
from tests.bot.middleware.asking import ANN, BEN, GROUP, Slow, answers, private, question, until


async def admit(question: Question) -> Refusal | None:
    return None


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def running() -> RunningAnswers:
    return RunningAnswers()


@pytest.fixture
def lines() -> QuestionQueues:
    return QuestionQueues(depth=9, places=9)


@pytest.fixture
def ask(slow: Slow, running: RunningAnswers, lines: QuestionQueues) -> Ask:
    return lines.in_order(running.stoppable(slow.ask), admit=admit)


async def test_who_asked_can_stop_and_keeps_what_there_is(
    ask: Ask, slow: Slow, running: RunningAnswers, lines: QuestionQueues
) -> None:
    task = asyncio.create_task(answers(ask, question("a")))
    await until(lambda: slow.begun)
    await asyncio.sleep(0)
    assert stop(lines, running, GROUP, ANN, admin=False) is StopResult.YES
    assert (await task)[-1] == Answer(state=AnswerState.STOPPED, text="a half\n\n(Stopped as asked.)")
    assert (slow.closed, slow.ended, len(running), lines.places) == (["a"], [], 0, 0)


async def test_others_cannot_stop_it_but_an_admin_can(
    ask: Ask, slow: Slow, running: RunningAnswers, lines: QuestionQueues
) -> None:
    task = asyncio.create_task(answers(ask, question("a")))
    await until(lambda: slow.begun)
    assert stop(lines, running, GROUP, BEN, admin=False) is StopResult.NOT_YOURS
    assert stop(lines, running, private(ANN), ANN, admin=False) is StopResult.NOTHING
    assert stop(lines, running, GROUP, BEN, admin=True) is StopResult.YES
    assert (await task)[-1].state is AnswerState.STOPPED
    assert stop(lines, running, GROUP, BEN, admin=True) is StopResult.NOTHING
    assert StopResult.NOT_YOURS.line("en").startswith("Only the person who asked")
    assert StopResult.NOTHING.line("zh")
    assert StopResult.YES.line("zh") == ""


async def test_a_question_that_waits_is_stopped_by_its_event_and_the_others_go_on(
    ask: Ask, slow: Slow, running: RunningAnswers, lines: QuestionQueues
) -> None:
    asked = [question(text, BEN if text == "b" else ANN, inbound=f"in {text}") for text in "abc"]
    tasks = [asyncio.create_task(answers(ask, one)) for one in asked]
    await until(lambda: slow.begun)
    assert stop(lines, running, GROUP, ANN, admin=False, inbound="in b") is StopResult.NOT_YOURS
    assert stop(lines, running, GROUP, BEN, admin=False, inbound="in b") is StopResult.YES
    assert (await tasks[1])[-1] == Answer(state=AnswerState.STOPPED, text="(Stopped as asked.)")
    assert stop(lines, running, GROUP, BEN, admin=False, inbound="in b") is StopResult.NOTHING
    for text in "abc":
        slow.gate(text).set()
    await asyncio.gather(*tasks)
    assert slow.ended == ["a", "c"]


async def test_an_answer_that_is_complete_is_not_stopped(running: RunningAnswers, lines: QuestionQueues, slow: Slow) -> None:
    slow.gate("a").set()
    async with aclosing(running.stoppable(slow.ask)(question("a"))) as stream:  # type: ignore[type-var]
        async for answer in stream:
            if answer.final:
                assert stop(lines, running, GROUP, ANN, admin=False) is StopResult.NOTHING
    assert answer.text == "a whole"


async def test_who_draws_slowly_gets_the_newest_snapshot_and_always_the_last(running: RunningAnswers) -> None:
    async def chatty(question: Question) -> AsyncIterator[Answer]:
        for n in range(100):
            yield Answer(state=AnswerState.PARTIAL, text=str(n))
            await asyncio.sleep(0)
        yield Answer(state=AnswerState.MODEL, text="whole")

    drawn = []
    async for answer in running.stoppable(chatty)(question()):
        drawn.append(answer.text)
        await asyncio.sleep(0.005)
    assert drawn[-1] == "whole"
    assert len(drawn) < 50


async def test_an_exception_comes_through_after_what_was_said(running: RunningAnswers) -> None:
    async def broken(question: Question) -> AsyncIterator[Answer]:
        yield Answer(state=AnswerState.PARTIAL, text="half")
        raise ZeroDivisionError

    stream = running.stoppable(broken)(question())
    assert (await anext(stream)).text == "half"
    with pytest.raises(ZeroDivisionError):
        await anext(stream)
    assert len(running) == 0


async def test_who_goes_away_ends_what_makes_the_answer(ask: Ask, slow: Slow, running: RunningAnswers) -> None:
    task = asyncio.create_task(answers(ask, question("a")))
    await until(lambda: slow.begun)
    task.cancel()
    await asyncio.wait({task})
    await until(lambda: len(running) == 0)
    assert (slow.closed, slow.ended) == (["a"], [])


async def test_at_the_end_answers_get_their_grace_and_then_end_with_what_there_is(
    ask: Ask, slow: Slow, running: RunningAnswers
) -> None:
    tasks = [asyncio.create_task(answers(ask, question(text, place=private(who)))) for text, who in (("a", ANN), ("b", BEN))]
    await until(lambda: len(slow.begun) == 2)
    asyncio.get_running_loop().call_later(0.01, slow.gate("a").set)
    await running.drain(0.1)
    ended, cut = await asyncio.gather(*tasks)
    assert ended[-1].text == "a whole"
    assert cut[-1].state is AnswerState.STOPPED
    assert cut[-1].text.startswith("b half\n\n(I am being shut down")
    assert len(running) == 0


async def test_nothing_running_is_drained_at_once(running: RunningAnswers) -> None:
    async with asyncio.timeout(1):
        await running.drain(100)
