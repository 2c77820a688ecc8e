from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.rag.conversation import NAMED, Conversation, EarlierTurn
from bot.rag.message_kind import read_message
from knowledge.notebook import Context, Query, SearchResult
from knowledge.types import Hit, Passage

NOTES = {"剪枝": "pruning.md", "pruning": "pruning.md", "蒸馏": "distilling.md", "天平": "scales.md"}


async def search(query: Query) -> SearchResult:
    """Finds a note by the first of its names in the question, or in what the question leans on."""
    asked = [query.question, *(words for words, _ in query.context.questions)] if query.context else [query.question]
    for words in asked:
        for name, path in NOTES.items():
            if name in words.lower():
                passage = Passage(
                    id=path,
                    path=path,
                    title=name,
                    start=0,
                    end=1,
                    lines=(1, 1),
                    heading=(name,),
                    parents=(),
                    text="x",
                    digest=path,
                )
                leaned = 0.0 if words is query.question else 1.0
                return SearchResult(searched=words, hits=(Hit(passage=passage, score=1.0),), abstained=False, ms=0, leaned=leaned)
    return SearchResult(searched=query.question, hits=(), abstained=True, ms=0)


def context_of(message: str, said: Sequence[tuple[str, str]], person: str = "ann", *, replied: bool = False) -> Context | None:
    turns = [EarlierTurn(question=words, person=who) for who, words in said]
    conversation = Conversation(turns=turns, search=search)
    return asyncio.run(conversation.context_of(read_message(message), person=person, replied=replied))


def questions_of(context: Context | None) -> list[str]:
    return [words for words, _ in context.questions] if context else []


@pytest.mark.parametrize("message", ["什么是天平？", "天平是什么", "谁是张三", "What is a balance?", "谢谢", "这些笔记讲了什么"])
def test_what_stands_alone_and_talk_lean_on_nothing(message: str) -> None:
    assert context_of(message, [("ann", "什么是剪枝？")]) is None


@pytest.mark.parametrize("message", ["那它慢吗？", "第二个呢", "why?", "and its drawbacks?"])
def test_a_step_further_leans_on_the_last_question(message: str) -> None:
    context = context_of(message, [("ann", "什么是剪枝？")])
    assert context is not None
    assert context.sure
    assert (questions_of(context), context.section) == (["什么是剪枝？"], ("pruning.md", "剪枝"))


def test_a_step_further_still_keeps_the_question_that_named_the_subject() -> None:
    context = context_of("那第三个呢", [("ann", "什么是蒸馏？"), ("ann", "什么是剪枝？"), ("ann", "它分几步？")])
    assert context is not None
    assert context.questions == (("它分几步？", 0.5), ("什么是剪枝？", 1.0))


def test_in_a_group_it_is_the_person_s_own_question() -> None:
    said = [("ann", "什么是剪枝？"), ("bob", "什么是天平？"), ("bob", "它准吗？")]
    assert questions_of(context_of("它慢吗？", said)) == ["什么是剪枝？"]
    assert context_of("它慢吗？", said, "cid") is None


def test_a_reply_leans_on_what_it_replies_to_whoever_asked() -> None:
    assert questions_of(context_of("它慢吗？", [("ann", "什么是剪枝？"), ("bob", "什么是天平？")], "ann", replied=True)) == [
        "什么是天平？"
    ]


@pytest.mark.parametrize("between", ["什么是夸克？", "哈哈", "这些笔记讲了什么"])
def test_what_the_notes_did_not_answer_and_talk_leave_nothing_behind(between: str) -> None:
    assert questions_of(context_of("它慢吗？", [("ann", "什么是剪枝？"), ("ann", between)])) == ["什么是剪枝？"]


@pytest.mark.parametrize("no", ["不对", "No, that's wrong"])
def test_what_a_bare_no_rejects_is_leant_on_no_more(no: str) -> None:
    said = [("ann", "什么是剪枝？"), ("bob", "什么是天平？"), ("ann", "什么是蒸馏？"), ("ann", no)]
    assert questions_of(context_of("它慢吗？", said)) == ["什么是剪枝？"]
    assert questions_of(context_of("它慢吗？", said, "bob")) == ["什么是天平？"]


@pytest.mark.parametrize("no", [[], [("ann", "不对")]])
def test_a_correction_drops_the_last_question_of_its_person_and_no_one_else_s(no: list[tuple[str, str]]) -> None:
    said = [("ann", "什么是剪枝？"), ("ann", "什么是蒸馏？"), ("bob", "什么是天平？"), *no]
    conversation = Conversation(turns=[EarlierTurn(question=words, person=who) for who, words in said], search=search)
    context = asyncio.run(conversation.context_of(read_message("它慢吗？"), person="ann", corrects=True))
    assert questions_of(context) == ["什么是剪枝？"]


def test_a_turn_known_to_be_unanswered_is_not_even_looked_up() -> None:
    turns = [EarlierTurn(question="什么是剪枝？", answered=False)]
    conversation = Conversation(turns=turns, search=search)
    assert asyncio.run(conversation.context_of(read_message("它慢吗？"), person="")) is None


@pytest.mark.parametrize("known", [True, False])
def test_of_a_step_further_that_was_not_answered_the_words_stay_and_nothing_that_was_found(known: bool) -> None:
    async def finding_no_second_step(query: Query) -> SearchResult:
        found = await search(query)
        return replace(found, hits=(), abstained=True) if query.question == "它在海里呢？" else found

    turns = [EarlierTurn(question="什么是剪枝？"), EarlierTurn(question="它在海里呢？", answered=known)]
    conversation = Conversation(turns=turns, search=finding_no_second_step)
    context = asyncio.run(conversation.context_of(read_message("那在山上呢？"), person=""))
    assert context is not None
    assert (questions_of(context), context.section) == (["它在海里呢？", "什么是剪枝？"], ("pruning.md", "剪枝"))


def test_going_back_by_name_finds_the_turn_that_was_about_it() -> None:
    said = [("bob", "剪枝是什么？"), ("ann", "什么是蒸馏？"), ("ann", "什么是天平？")]
    context = context_of("回到剪枝，能用在手机上吗", said)
    assert context is not None
    assert (questions_of(context), context.most) == (["剪枝是什么？"], NAMED)


def test_an_unclear_message_may_lean_but_is_not_sure_to() -> None:
    context = context_of("能在手机上跑吗", [("ann", "什么是剪枝？")])
    assert context is not None
    assert not context.sure
