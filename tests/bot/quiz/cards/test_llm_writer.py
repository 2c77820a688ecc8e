"""The model's cards: only those that hold what they promise, passage by passage, to be taken up again after a stop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

import pytest

import prompts
from bot.llm import Chunk, ModelUnavailable
from bot.quiz.cards.card import Card, CardSource
from bot.quiz.cards.llm_writer import Failure, WrittenCards, ask_about, cards_from, pairs_in, place_of, to_do
from bot.types import Language
from tests.bot.quiz.cards.reading import page_of

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

TEXT = (
    "# 量化\n\n训练后量化不需要重新训练模型，只用几百条样本来校准数值范围，所以很快；量化感知训练则在训练时模拟低精度。\n\n"
    "# 剪枝\n\n结构化剪枝整行整列地删除权重，因此普通硬件也能加速；非结构化剪枝逐个删除权重，需要专门的稀疏内核"
    "才能变快，许多人忽略了。\n"
)


class Model:
    """A `ChatModel` that says one reply after the other; an empty list of replies means that it is gone."""

    name = "replies"

    def __init__(self, *replies: str) -> None:
        self.told: list[Sequence[BaseMessage]] = []
        self._replies = list(replies)

    async def window(self) -> int:
        return 4096

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        self.told.append(messages)
        if not self._replies:
            raise ModelUnavailable("gone")
        reply = self._replies.pop(0)
        yield Chunk(text=reply[: len(reply) // 2])
        yield Chunk(text=reply[len(reply) // 2 :])


def questions(*pairs: tuple[str, str]) -> str:
    return json.dumps([{"question": question, "answer": answer} for question, answer in pairs], ensure_ascii=False)


async def asked(model: Model, **options: int) -> WrittenCards:
    page = page_of(TEXT)
    return await ask_about(model, page, page.passages[0], **options)


def cards_in(found: WrittenCards) -> list[Card]:
    return list(cards_from(page_of(TEXT), {found.passage.digest: found.pairs}))


async def test_a_card_that_is_confirmed_is_kept_with_its_place() -> None:
    model = Model(questions(("训练后量化用什么来校准数值范围？", "几百条样本")), "用几百条样本")
    found = await asked(model)
    (card,) = cards_in(found)
    assert (card.source, card.answer, TEXT[card.start : card.end]) == (CardSource.MODEL, "几百条样本", "几百条样本")
    assert card.prompt == "训练后量化用什么来校准数值范围？"
    assert found.dropped == {}
    assert "几百条样本来校准" in str(model.told[1][-1].content)
    assert "训练后量化用什么来校准数值范围？" in str(model.told[1][-1].content)


@pytest.mark.parametrize(
    ("pair", "again", "why"),
    [
        (("训练后量化用什么来校准？", "五百条样本"), [], Failure.NOT_VERBATIM),
        (("训练后量化用几百条样本做什么？", "几百条样本"), [], Failure.GIVEN_AWAY),
        (("它用什么来校准？", "几百条样本"), [], Failure.LEANS),
        (("训练后量化用什么来校准？", "只"), [], Failure.LENGTH),
        (("训练后量化用什么来校准？", "几百条样本"), ["没有"], Failure.UNCONFIRMED),
    ],
)
async def test_what_fails_is_dropped_and_counted(pair: tuple[str, str], again: list[str], why: Failure) -> None:
    found = await asked(Model(questions(pair), *again))
    assert (found.pairs, found.dropped) == ((), {why: 1})


async def test_a_reply_without_questions_is_counted() -> None:
    assert (await asked(Model("我不知道。"))).dropped == {Failure.NO_QUESTIONS: 1}


async def test_no_more_questions_are_taken_than_were_asked_for() -> None:
    pair = ("训练后量化用什么来校准数值范围？", "几百条样本")
    found = await asked(Model(questions(pair, pair, pair), "几百条样本"), most=1)
    assert len(found.pairs) == 1


async def test_a_model_that_is_gone_says_so() -> None:
    with pytest.raises(ModelUnavailable):
        await asked(Model())


def test_what_is_done_is_not_done_again_and_a_text_that_stands_twice_is_done_once() -> None:
    page, copy = page_of(TEXT), page_of(TEXT, "copy.md")
    assert len(to_do([page, copy])) == len(page.passages) == 2
    first, second = page.passages
    assert [passage.digest for _, passage in to_do([page], done={first.digest})] == [second.digest]


@pytest.mark.parametrize("why", Failure)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_failure_has_words(why: Failure, language: Language) -> None:
    assert "3" in prompts.load("cards").say(f"failure_{why}", language, count=3)


@pytest.mark.parametrize(
    "reply",
    [
        '[{"question": "甲？", "answer": "乙"}]',
        '好的：\n```json\n[{"question": "甲？", "answer": "乙"}]\n```\n完成。',
        '<think>[{"question": "x", "answer": "y"}]</think>{"question": "甲？", "answer": "乙"}',
        '{"cards": [{"Q": "甲？", "A": "乙"}]}',
        '{"问题": "甲？", "答案": "乙"}',
        '[{"question": "甲？", "answer": "乙"}, {"question": "断',
        "问题：甲？\n答案：乙",
        "Q1: 甲？\nA1: 乙\n",
    ],
)
def test_questions_are_found_in_whatever_the_model_says(reply: str) -> None:
    assert list(pairs_in(reply)) == [("甲？", "乙")]


@pytest.mark.parametrize("reply", ["", "[]", "不知道", "[1, 2]", '{"question": 3, "answer": "乙"}', "[[[["])
def test_a_reply_without_questions_gives_none(reply: str) -> None:
    assert list(pairs_in(reply)) == []


@pytest.mark.parametrize(
    ("answer", "found"), [("乙丙", (1, 3)), ("“乙丙”", (1, 3)), (" 乙丙。", (1, 3)), ("丁", None), ("", None)]
)
def test_an_answer_is_looked_up_verbatim(answer: str, found: tuple[int, int] | None) -> None:
    assert place_of(answer, "甲乙丙") == found
