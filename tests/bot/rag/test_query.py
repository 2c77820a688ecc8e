from __future__ import annotations

import pytest

from bot.rag import search_for
from bot.rag.query import LEANING, STANDING, leans

LEANS = [
    "它的缺点呢？",
    "那第二种方法呢",
    "为什么？",
    "后者怎么训练？",
    "前面说的那个公式是什么意思",
    "具体一点",
    "还有别的吗？",
    "这个和上面的有什么区别？",
    "其中最重要的是哪一步",
    "why?",
    "What about the second one?",
    "And how is it trained?",
    "Can you give an example of that?",
    "the former, please",
    "",
    "？",
    "2",
]
STANDS = [
    "什么是 RAG？",
    "GPT-4 有多少参数？",
    "那 LoRA 的秩怎么选？",
    "它和 Transformer 的关系是什么？",
    "注意力机制为什么要除以维度的平方根而不是维度本身？",
    "检索增强生成系统的重排步骤为什么能够提高回答的准确率？",
    "Which datasets, benchmarks, baselines, metrics, seeds, learning rates, batch sizes and optimizers did the authors report?",
]


@pytest.mark.parametrize("question", LEANS)
def test_a_fragment_leans_on_what_was_said(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize("question", STANDS)
def test_a_question_that_names_what_it_is_about_stands_alone(question: str) -> None:
    assert not leans(question)


@pytest.mark.parametrize(("question", "share"), [(LEANS[0], LEANING), (STANDS[0], STANDING)])
def test_earlier_turns_count_for_more_when_the_question_leans_on_them(question: str, share: float) -> None:
    search = search_for(question, ["什么是 RAG？", "先检索再生成。"])
    assert (search.question, search.history, search.history_share) == (question, ("什么是 RAG？", "先检索再生成。"), share)


def test_leaning_counts_for_more_than_standing_but_for_less_than_the_question_itself() -> None:
    assert 0 < STANDING < LEANING < 1


def test_only_the_latest_two_exchanges_count() -> None:
    earlier = [f"第 {number} 句" for number in range(10)]
    assert search_for("它呢？", earlier).history == tuple(earlier[-4:])


def test_a_first_question_has_no_history() -> None:
    assert search_for("它呢？", []).history == ()


def test_the_number_of_passages_can_be_chosen() -> None:
    assert search_for("什么是 RAG？", [], count=3).count == 3
