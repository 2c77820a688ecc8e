from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.middleware.admission import Refusal
from bot.middleware.queue import Closing, QuestionQueues
from bot.types import Answer, AnswerState, Place, Question
from tests.bot.middleware.asking import GROUP, Slow, answers, question, until


async def admit(question: Question) -> Refusal | None:
    return None


def place(n: int) -> Place:
    return Place(platform="telegram", chat=str(n), private=False)


async def test_the_second_question_of_a_place_waits_for_the_first_and_is_told_its_place() -> None:
    slow, lines = Slow(), QuestionQueues(depth=5, places=5)
    ask = lines.in_order(slow.ask, admit=admit)
    tasks = [asyncio.create_task(answers(ask, question(text))) for text in "abc"]
    await until(lambda: slow.begun)
    assert slow.begun == ["a"]
    for text in "abc":
        await until(lambda text=text: text in slow.begun)
        slow.gate(text).set()
    drawn = await asyncio.gather(*tasks)
    assert slow.ended == ["a", "b", "c"]
    assert slow.most_at_once == 1
    assert [[answer.text for answer in of_one] for of_one in drawn] == [
        ["a half", "a whole"],
        ["Got it. Questions ahead of yours: 1.", "b half", "b whole"],
        ["Got it. Questions ahead of yours: 2.", "Got it. Questions ahead of yours: 1.", "c half", "c whole"],
    ]
    assert {answer.state for of_one in drawn for answer in of_one if "Got it" in answer.text} == {AnswerState.THINKING}


async def test_places_do_not_wait_for_each_other_and_threads_are_places() -> None:
    slow, lines = Slow(), QuestionQueues(depth=5, places=5)
    ask = lines.in_order(slow.ask, admit=admit)
    here = [GROUP, Place(platform="telegram", chat="-7", thread="3", private=False), place(8)]
    tasks = [asyncio.create_task(answers(ask, question(str(n), place=one))) for n, one in enumerate(here)]
    await until(lambda: len(slow.begun) == 3)
    for n in (2, 0, 1):
        slow.gate(str(n)).set()
    await asyncio.gather(*tasks)


async def test_the_next_question_waits_until_the_last_snapshot_is_drawn() -> None:
    slow, lines = Slow(), QuestionQueues(depth=5, places=5)
    slow.gate("a").set()
    slow.gate("b").set()
    ask = lines.in_order(slow.ask, admit=admit)
    async with aclosing(ask(question("a"))) as first:  # type: ignore[type-var]
        async for answer in first:
            if answer.final:
                second = asyncio.create_task(answers(ask, question("b")))
                await asyncio.sleep(0.01)
                assert slow.begun == ["a"]
    await second
    assert slow.begun == ["a", "b"]


async def test_a_slow_decision_changes_no_order() -> None:
    slow, lines = Slow(), QuestionQueues(depth=9, places=5)

    async def ponder(question: Question) -> Refusal | None:
        await asyncio.sleep(0.02 if question.text == "a" else 0)
        return None

    ask = lines.in_order(slow.ask, admit=ponder)
    for text in "ab":
        slow.gate(text).set()
    await asyncio.gather(*(answers(ask, question(text)) for text in "ab"))
    assert slow.begun == ["a", "b"]


async def test_who_is_refused_hears_it_at_once_and_leaves_the_line() -> None:
    slow, lines = Slow(), QuestionQueues(depth=9, places=5)

    async def doorman(question: Question) -> Refusal | None:
        return {"loud": Refusal(line="no"), "silent": Refusal()}.get(question.text)

    ask = lines.in_order(slow.ask, admit=doorman)
    first = asyncio.create_task(answers(ask, question("a")))
    await until(lambda: slow.begun)
    assert await answers(ask, question("loud")) == [Answer(state=AnswerState.REFUSED, text="no")]
    assert await answers(ask, question("silent")) == []
    slow.gate("a").set()
    await first
    assert lines.places == 0


async def test_a_long_line_and_too_many_places_are_refused_in_words() -> None:
    slow, lines = Slow(), QuestionQueues(depth=2, places=2)
    ask = lines.in_order(slow.ask, admit=lines.refuse)
    tasks = [asyncio.create_task(answers(ask, question(str(n)))) for n in range(3)]
    await until(lambda: slow.begun)
    (full,) = await answers(ask, question("one too many"))
    assert (full.state, full.text[:9]) == (AnswerState.REFUSED, "2 questio")
    tasks.append(asyncio.create_task(answers(ask, question("elsewhere", place=place(8)))))
    await until(lambda: "elsewhere" in slow.begun)
    (busy,) = await answers(ask, question("third place", place=place(9)))
    assert "Too many chats" in busy.text
    for text in ("0", "1", "2", "elsewhere"):
        slow.gate(text).set()
    await asyncio.gather(*tasks)
    assert (slow.ended.count("one too many"), lines.places) == (0, 0)


async def test_at_the_end_of_the_program_nobody_s_turn_comes() -> None:
    slow, lines = Slow(), QuestionQueues(depth=5, places=5)
    ask = lines.in_order(slow.ask, admit=lines.refuse)
    tasks = [asyncio.create_task(answers(ask, question(text))) for text in "ab"]
    await until(lambda: slow.begun)
    lines.close()
    slow.gate("a").set()
    came = await asyncio.gather(*tasks, answers(ask, question("c")), return_exceptions=True)
    assert [type(one) for one in came] == [list, Closing, Closing]
    assert slow.begun == ["a"]
    assert lines.places == 0


async def test_an_answer_that_breaks_lets_the_next_one_begin() -> None:
    lines = QuestionQueues(depth=5, places=5)

    async def broken(question: Question) -> AsyncIterator[Answer]:
        yield Answer(state=AnswerState.PARTIAL)
        raise ZeroDivisionError

    ask = lines.in_order(broken, admit=admit)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await answers(ask, question())
    assert lines.places == 0


Plan = list[tuple[int, str, int]]
"""For each question: its place, what becomes of it, and how many steps of the loop pass before the next one."""


async def carried_out(plan: Plan, slow: Slow, lines: QuestionQueues) -> list[object]:
    """What came of each question; some are refused, some of the tasks that ask are cancelled on the way."""

    async def doorman(question: Question) -> Refusal | None:
        await steps(int(question.text) % 3)
        return Refusal() if plan[int(question.text)][1] == "refuse" else None

    ask, tasks = lines.in_order(slow.ask, admit=doorman), []
    for n, (where, _, pause) in enumerate(plan):
        tasks.append(asyncio.create_task(answers(ask, question(str(n), place=place(where)))))
        await steps(pause)
    for n, (_, fate, pause) in enumerate(plan):
        if fate == "cancel":
            tasks[n].cancel()
        await steps(pause)
        slow.gate(str(n)).set()
    async with asyncio.timeout(5):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def steps(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["answer", "cancel", "refuse"]), st.integers(0, 3)), max_size=14))
@examples(max_examples=60)
def test_never_two_at_once_never_out_of_order_and_nothing_lost(plan: Plan) -> None:
    slow, lines = Slow(), QuestionQueues(depth=99, places=99)
    came = asyncio.run(carried_out(plan, slow, lines))
    assert slow.most_at_once <= 1
    assert lines.places == 0
    for where in range(3):
        begun = [int(text) for text in slow.begun if plan[int(text)][0] == where]
        assert begun == sorted(set(begun))
    for n, (_, fate, _) in enumerate(plan):
        assert (str(n) in slow.ended) or fate != "answer"
        assert fate == "cancel" or bool(came[n]) == (fate == "answer")
