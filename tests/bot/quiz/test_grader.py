"""Typed answers: lenient about words, strict about numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.quiz.cards.card import Card, CardKind
from bot.quiz.grader import Synonyms, Verdict, judge
from tests.bot.quiz.cards.reading import cards_in

RIGHT, PARTLY, WRONG = Verdict.RIGHT, Verdict.PARTLY, Verdict.WRONG


def card_with(answer: str, kind: CardKind = CardKind.PAIR, also: tuple[str, ...] = ()) -> Card:
    (card,) = cards_in("#flashcards\n\n问::答")
    return replace(card, answer=answer, kind=kind, also=also)


@pytest.mark.parametrize(
    ("answer", "typed", "verdict"),
    [
        ("量化", "量化", RIGHT),
        ("量化", "就是量化吧", RIGHT),
        ("量化", "剪枝", WRONG),
        ("量化", "", WRONG),
        ("**量化**", "量化。", RIGHT),
        ("Chain-of-Thought", "chain of thought", RIGHT),
        ("Reinforcement Learning", "reinforcment learning", RIGHT),
        ("ＲＡＧ", "rag", RIGHT),
        ("预训练", "預訓練", RIGHT),
        ("灾难性遗忘", "灾难遗忘", PARTLY),
        ("一种删除网络里不重要权重的技术", "删除网络里不重要的权重", RIGHT),
        ("一种删除网络里不重要权重的技术", "删除权重", PARTLY),
        ("一种删除网络里不重要权重的技术", "用更少位数", WRONG),
        ("可以合并", "不可以合并", PARTLY),
        ("1750 亿", "1750亿", RIGHT),
        ("1750亿参数", "175B", RIGHT),
        ("1750 亿", "1760 亿", WRONG),
        ("1750 亿", "1750", WRONG),
        ("300,000名", "30 万", RIGHT),
        ("97.6%", "97.6", PARTLY),
        ("97.6%", "97.5%", WRONG),
        ("8 个", "8", RIGHT),
        ("5 GB", "5 MB", WRONG),
        ("2022 年 3 月", "2022年3月", RIGHT),
        ("2022 年 3 月", "2022 年", WRONG),
        ("1970年", "1970", RIGHT),
        ("100", "100 200 300", WRONG),
    ],
)
def test_a_typed_answer_is_judged(answer: str, typed: str, verdict: Verdict) -> None:
    assert judge(card_with(answer), typed).verdict is verdict


@pytest.mark.parametrize(
    ("typed", "verdict", "missing"),
    [
        ("蒸馏、量化、剪枝", RIGHT, ()),
        ("剪枝 量化", PARTLY, ("蒸馏",)),
        ("量化", PARTLY, ("剪枝", "蒸馏")),
        ("压缩", WRONG, ("量化", "剪枝", "蒸馏")),
    ],
)
@pytest.mark.parametrize("answer", ["量化、剪枝、蒸馏", "- 量化\n- 剪枝；\n- 蒸馏", "`量化`，`剪枝`和`蒸馏`"])
def test_a_list_may_be_said_in_any_order(answer: str, typed: str, verdict: Verdict, missing: tuple[str, ...]) -> None:
    judgement = judge(card_with(answer, CardKind.LIST), typed)
    assert (judgement.verdict, judgement.missing) == (verdict, missing)


def test_what_was_missing_is_named() -> None:
    judgement = judge(card_with("用更少位数存储权重"), "存储权重")
    assert judgement.verdict is PARTLY
    assert "位数" in judgement.missing
    assert "权重" not in judgement.missing


def test_synonyms_count_as_the_word_itself() -> None:
    names = Synonyms([("LLM", "大语言模型"), ("大模型", "大语言模型"), ("RM", "奖励模型")])
    assert judge(card_with("大语言模型"), "llm", synonyms=names).verdict is RIGHT
    assert judge(card_with("LLM"), "是大语言模型", synonyms=names).verdict is RIGHT
    assert judge(card_with("transformer"), "transfo奖励模型er", synonyms=names).verdict is not RIGHT


def test_a_pair_of_names_says_nothing_about_a_third() -> None:
    names = Synonyms([("LLM", "大语言模型"), ("大模型", "大语言模型")])
    assert judge(card_with("LLM"), "大模型", synonyms=names).verdict is not RIGHT


def test_who_repeats_the_question_has_not_answered_it() -> None:
    card = replace(card_with("LLM"), prompt="“大语言模型”的英文缩写是什么？")
    names = Synonyms([("LLM", "大语言模型"), ("LLM", "large language model")])
    assert judge(card, "大语言模型", synonyms=names).verdict is not RIGHT
    assert judge(card, "Large Language Model", synonyms=names).verdict is RIGHT


def test_another_right_answer_is_right() -> None:
    assert judge(card_with("Emergence", also=("emergent",)), "Emergent").verdict is RIGHT


@given(
    st.text(st.sampled_from("注意力机制abc 0123，。%亿个"), min_size=1, max_size=30).filter(
        lambda text: any(map(str.isalnum, text))
    )
)
@settings(max_examples=150)
def test_the_answer_itself_is_always_right(answer: str) -> None:
    for kind in (CardKind.PAIR, CardKind.LIST, CardKind.NUMBER):
        assert judge(card_with(answer, kind), answer).verdict is RIGHT
