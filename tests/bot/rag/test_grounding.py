from __future__ import annotations

import pytest

from bot.rag.grounding import Sources, claims_of, is_better, verdict_in, weigh

SOURCES = Sources(("米饭要先洗两遍，再煮二十分钟。水和米的比例是一比一点二。", "用 InfLLM 处理 128K 的文本。"))


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("0", set()),
        ("2", {1}),
        ("2, 3", {1, 2}),
        ("2，3。", {1, 2}),
        ("没有依据的句子：1、3", {0, 2}),
        ("Sentences: 1 and 2", {0, 1}),
    ],
)
def test_a_verdict_is_numbers_of_claims(said: str, places: set[int]) -> None:
    assert verdict_in(said, 3) == places


@pytest.mark.parametrize(
    "said",
    [
        "",
        "都有依据",
        "4",
        "0, 2",
        "1, 99",
        "句子 2 说的是米饭要煮三个小时，但资料里说的是二十分钟",
        "I think that 2 is wrong because",
    ],
)
def test_chatter_and_impossible_numbers_are_no_verdict(said: str) -> None:
    assert verdict_in(said, 3) is None


def test_claims_are_sentences_that_say_something_and_no_code() -> None:
    answer = "米饭先洗两遍 [1]。再煮二十分钟 [2]！\n\n```python\nx = 1\n```\n\n- 水要多一点 [1]\n[1]"
    assert claims_of(answer) == ("米饭先洗两遍 [1]。", "再煮二十分钟 [2]！", "水要多一点 [1]")


@pytest.mark.parametrize(
    "claim", ["煮 20 分钟 [9]。", "洗 2 遍。", "InfLLM 处理 128K。", "1. 先洗米。", "ordinary English words."]
)
def test_numbers_and_names_that_stand_in_the_sources_in_any_form_lack_nothing(claim: str) -> None:
    assert not SOURCES.lack(claim.removeprefix("1. "))


@pytest.mark.parametrize("claim", ["煮 30 分钟。", "用 LongLLM 处理。", "In 1998 it was found.", "处理 256K。"])
def test_a_number_or_a_name_of_its_own_is_lacking(claim: str) -> None:
    assert SOURCES.lack(claim)


def test_what_stands_in_the_sources_word_for_word_is_supported_whatever_the_model_says() -> None:
    claims = ["米饭要先洗两遍，再煮二十分钟 [1]。", "猫喜欢睡在纸箱里 [2]。", "要煮 45 分钟 [1]。"]
    assert weigh(claims, [0, 1], SOURCES).unsupported == {1, 2}
    assert weigh(claims, [], SOURCES).unsupported == {2}


GOOD, MADE_UP = "米饭要先洗两遍，再煮二十分钟 [1]。", "猫喜欢睡在纸箱里 [2]。"


def test_an_answer_without_what_was_made_up_is_better() -> None:
    first = weigh([GOOD, MADE_UP], [1], SOURCES)
    assert is_better(weigh([GOOD], [], SOURCES), first)


def test_an_answer_that_is_as_bad_loses_what_was_right_or_says_nothing_is_not_better() -> None:
    first = weigh([GOOD, MADE_UP], [1], SOURCES)
    assert not is_better(first, first)
    assert not is_better(weigh([GOOD, MADE_UP, "狗也一样喜欢。"], [1, 2], SOURCES), first)
    assert not is_better(weigh(["水和米的比例是一比一点二 [1]。"], [], SOURCES), first)
    assert not is_better(weigh([], [], SOURCES), first)


def test_a_model_that_waves_its_own_invention_through_does_not_make_it_better() -> None:
    first = weigh([GOOD, MADE_UP], [1], SOURCES)
    assert not is_better(weigh([GOOD, "狗更喜欢睡在沙发上面，每天晚上都要这样。"], [], SOURCES), first)
