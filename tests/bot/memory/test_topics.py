"""What somebody asked about, as it is remembered."""

from __future__ import annotations

import pytest

from bot.memory.topics import own_words, topic_of
from bot.storage import Feedback
from bot.storage.memories import TurnWithText
from bot.types import Answer, AnswerState, Question
from tests.bot.memory.making import ANN, BOB, GROUP, Talk, home

HOME = home(ANN)


def turn(asked: str, *topics: str, disliked: bool = False, leaned: bool = False) -> TurnWithText:
    said = {"place": "p", "chat": "c", "private": True, "person": "a", "name": "Ann", "answered": "…", "state": "model"}
    return TurnWithText(id=1, answer_id="7f", asked=asked, at=0, topics=topics, disliked=disliked, leaned=leaned, **said)  # type: ignore[arg-type]


async def asked_about(talk: Talk) -> dict[str, int]:
    return {item.text: item.times for item in await talk.memory.items(ANN, HOME) if item.kind == "topic"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("什么是困惑度？", "困惑度"),
        ("What is beam search?", "beam search"),
        ("我在成都读书。困惑度怎么算？", "困惑度怎么算"),
        ("为什么？", ""),
    ],
)
def test_a_topic_is_named_by_the_words_of_who_asked(asked: str, words: str) -> None:
    assert own_words(asked) == words


def test_what_a_wrong_search_cited_gives_a_topic_no_name() -> None:
    assert topic_of(turn("什么是困惑度？", "做饭 › 炒饭")) == "困惑度"


def test_what_the_notes_did_not_answer_is_no_topic() -> None:
    assert topic_of(turn("什么是困惑度？")) == ""


def test_a_follow_up_is_named_by_what_its_answer_cites_as_well() -> None:
    assert topic_of(turn("缺点呢？", "束搜索", leaned=True)) == "束搜索：缺点"
    assert topic_of(turn("为什么？", "束搜索", leaned=True)) == "束搜索"


def test_a_whole_story_is_named_by_the_heading() -> None:
    assert topic_of(turn("我昨天" + "试了很多次" * 20 + "，怎么办？", "束搜索")) == "束搜索"


async def test_the_same_asked_twice_is_one_topic(talk: Talk) -> None:
    await talk.say(ANN, HOME, "什么是困惑度？", topics=["语言模型"])
    await talk.say(ANN, HOME, "困惑度是什么意思", topics=["评测"])
    assert await asked_about(talk) == {"困惑度": 2}


async def test_a_thumb_down_takes_the_topic_back_and_a_thumb_up_has_it_back(talk: Talk) -> None:
    rated = Feedback(talk.database)
    first = await talk.say(ANN, HOME, "什么是困惑度？", topics=["炒饭"])
    second = await talk.say(ANN, HOME, "困惑度呢？", topics=["炒饭"])
    for answer, left in ((first, {"困惑度": 1}), (second, {})):
        await rated.rate(answer.id, ANN, good=False)
        await talk.pages.rated(ANN, HOME, answer.id, good=False)
        assert await asked_about(talk) == left
    assert "炒饭" not in "".join(item.text for item in await talk.memory.items(ANN, HOME))
    for _ in range(2):
        await rated.rate(first.id, ANN, good=True)
        await talk.pages.rated(ANN, HOME, first.id, good=True)
    assert await asked_about(talk) == {"困惑度": 1}


async def test_a_thumb_that_comes_before_memory_looked_counts_too(talk: Talk) -> None:
    answer = await talk.say(ANN, HOME, "什么是困惑度？", topics=["炒饭"], settle=False)
    await Feedback(talk.database).rate(answer.id, ANN, good=False)
    await talk.memory.settle()
    assert await asked_about(talk) == {}


async def test_an_answer_with_a_thumb_down_is_not_recalled(talk: Talk) -> None:
    answer = await talk.say(ANN, HOME, "束搜索的宽度设多少？", "设成隔夜的冷饭。", topics=["炒饭"])
    await Feedback(talk.database).rate(answer.id, ANN, good=False)
    recalled = (await talk.recall(ANN, HOME, "束搜索的宽度")).text
    assert "束搜索的宽度设多少" in recalled
    assert "冷饭" not in recalled


@pytest.mark.parametrize("state", [AnswerState.TALK, AnswerState.OVERVIEW])
async def test_talk_and_overviews_leave_nothing_behind(talk: Talk, state: AnswerState) -> None:
    question = Question(person=BOB, place=GROUP, text="你好，总结一下束搜索那篇")
    for _ in range(7):
        await talk.memory.after(question, await talk.state.record(question, Answer(state=state, text="束搜索")))
    await talk.memory.settle()
    assert await talk.memory.items(BOB, GROUP) == ()
    assert (await talk.recall(BOB, GROUP, "束搜索")).used == ()
