"""The second look, through the real client, at a model server that is scripted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest

import prompts
from bot.llm import OllamaModel
from bot.rag import AnswerStyle
from bot.rag.pipeline import Assistant, Models
from bot.settings import ModelSettings
from bot.storage import TurnStore
from bot.types import Answer, AnswerState
from knowledge.notebook import Notebook
from tests.benchmarks.made_up import Writer
from tests.bot.making import question
from tests.fakes.ollama import LLAMA, FakeOllama, Reply, Trouble

FIRST = "米饭要先洗两遍，再煮二十分钟 [1]。猫喜欢睡在纸箱里 [2]。"
BETTER = "米饭要先洗两遍，再煮二十分钟 [1]。"
Make = Callable[..., Assistant]


@pytest.fixture
async def make(notebook: Notebook, state: TurnStore, ollama: FakeOllama) -> AsyncIterator[Make]:
    made: list[OllamaModel] = []

    def assistant(*, context: int = 8192, **manner: object) -> Assistant:
        made.append(
            OllamaModel(ModelSettings(name=LLAMA.name, url=ollama.url, context=context, silence_s=0.5, first_token_s=0.5))
        )
        shown = AnswerStyle(**{"every_s": 0, "verify_s": 20.0, **manner})  # type: ignore[arg-type]
        return Assistant(notebook=notebook, state=state, models=Models(fast=made[-1]), manner=shown)

    yield assistant
    for model in made:
        await model.close()


async def answers_of(assistant: Assistant, ollama: FakeOllama, *replies: str | Reply) -> list[Answer]:
    for reply in replies:
        ollama.once(reply)
    async with asyncio.timeout(20):
        return [answer async for answer in assistant.ask(question("米饭要煮多久？", alone=True))]


def last_words(ollama: FakeOllama, number: int) -> str:
    return ollama.chats[number].messages[-1]["content"]


async def test_a_better_answer_takes_the_place_of_the_first(make: Make, ollama: FakeOllama) -> None:
    *shown, last = await answers_of(make(), ollama, FIRST, "2", BETTER, "0")
    assert (last.state, last.text, last.receipt.verified) == (AnswerState.MODEL, BETTER, "improved")
    assert [source.n for source in last.citations] == [1]
    assert shown[-1].text == f"{FIRST}\n\n{prompts.load('texts').say('checking', 'zh')}"
    assert (shown[-1].state, [source.n for source in shown[-1].citations]) == (AnswerState.PARTIAL, [1, 2])
    assert last.receipt.used


async def test_the_model_is_asked_about_numbered_sentences_and_told_which_to_mend(make: Make, ollama: FakeOllama) -> None:
    await answers_of(make(), ollama, FIRST, "2", BETTER, "0")
    assert len(ollama.chats) == 4
    assert "1. 米饭要先洗两遍，再煮二十分钟 [1]。\n2. 猫喜欢睡在纸箱里 [2]。" in last_words(ollama, 1)
    assert "1. 猫喜欢睡在纸箱里 [2]。" in last_words(ollama, 2)
    assert FIRST in last_words(ollama, 2)
    assert last_words(ollama, 1).startswith(last_words(ollama, 0))  # what a server has read already it need not read again


async def test_an_answer_that_is_supported_stays_and_is_asked_about_once(make: Make, ollama: FakeOllama) -> None:
    last = (await answers_of(make(), ollama, BETTER, "0"))[-1]
    assert (last.text, last.receipt.verified, len(ollama.chats)) == (BETTER, "supported", 2)


async def test_a_number_of_its_own_is_seen_even_when_the_model_sees_nothing(make: Make, ollama: FakeOllama) -> None:
    last = (await answers_of(make(), ollama, "米饭煮 45 分钟 [1]。", "0", BETTER, "0"))[-1]
    assert (last.text, last.receipt.verified) == (BETTER, "improved")


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        ((FIRST, "我觉得这个回答写得很好，没有什么需要改的地方。"), "unclear"),
        ((FIRST, "一" * 5000), "unclear"),
        ((FIRST, "7"), "unclear"),
        ((FIRST, "1,2", FIRST, "1,2"), "kept"),
        ((FIRST, "2", "猫更喜欢睡在沙发上，天天如此 [2]。", "0"), "kept"),
        ((FIRST, "2", "笔记里没有找到。", "0"), "kept"),
        ((FIRST, "2", BETTER, "说不清楚，也许对也许不对，谁知道呢"), "unclear"),
        ((FIRST, Reply(trouble=Trouble.SERVER_ERROR)), "unclear"),
        ((FIRST, "2", Reply(text=BETTER, trouble=Trouble.RESET, after=3)), "unclear"),
        ((FIRST, Reply(trouble=Trouble.LOADING)), "unclear"),
        ((FIRST, "2", Reply(text=["好的，"] * 400)), "kept"),
    ],
)  # fmt: skip
async def test_whatever_goes_wrong_the_first_answer_stays(
    make: Make, ollama: FakeOllama, replies: tuple[str | Reply, ...], outcome: str
) -> None:
    last = (await answers_of(make(), ollama, *replies))[-1]
    assert (last.state, last.text, last.receipt.verified) == (AnswerState.MODEL, FIRST, outcome)
    assert [source.n for source in last.citations] == [1, 2]


async def test_it_takes_no_longer_than_is_set_and_the_log_says_so(
    make: Make, ollama: FakeOllama, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    last = (await answers_of(make(verify_s=0.2), ollama, FIRST, Reply(text="22", trouble=Trouble.DEAD_AIR, after=1)))[-1]
    assert (last.text, last.receipt.verified) == (FIRST, "unclear")
    assert "took longer than 0.2 s" in caplog.text
    async with asyncio.timeout(10):
        await ollama.chats[1].hung_up.wait()


async def test_every_prompt_of_it_fits_the_window_by_the_servers_count(make: Make, ollama: FakeOllama) -> None:
    assistant = make(context=2048)
    for _ in range(6):
        await answers_of(assistant, ollama, FIRST, "2", BETTER, "0")
    assert all(chat.dropped == () for chat in ollama.chats)


async def test_a_window_without_room_for_it_leaves_the_first_answer(make: Make, ollama: FakeOllama) -> None:
    writer = Writer(3)
    long = FIRST + "".join(writer.sentence().replace(" ", "") for _ in range(12))
    last = (await answers_of(make(context=1300), ollama, long, "2", BETTER, "0"))[-1]
    assert (last.text, last.receipt.verified) == (long, "unclear")


async def test_without_the_setting_nothing_is_asked_twice(make: Make, ollama: FakeOllama) -> None:
    last = (await answers_of(make(verify_s=0.0), ollama, FIRST))[-1]
    assert (last.text, last.receipt.verified, len(ollama.chats)) == (FIRST, "", 1)


async def test_leaving_while_it_looks_closes_the_connection_and_records_nothing(
    make: Make, ollama: FakeOllama, state: TurnStore
) -> None:
    asking = asyncio.create_task(answers_of(make(), ollama, FIRST, Reply(trouble=Trouble.LOADING)))
    async with asyncio.timeout(10):
        while len(ollama.chats) < 2:
            await asyncio.sleep(0.01)
        asking.cancel()
        await ollama.chats[1].hung_up.wait()
    assert await state.recent_turns(question("").place, 5) == ()
