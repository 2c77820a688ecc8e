from __future__ import annotations

import pytest

from bot.rag.generation import WEAK, has_parts, is_hard
from knowledge.notebook import SearchResult


def found(strength: float) -> SearchResult:
    return SearchResult(searched="", hits=(), abstained=False, ms=0.0, strength=strength)


@pytest.mark.parametrize(
    "question",
    [
        "米饭怎么煮，要煮多久？",
        "什么是注意力？它有什么用？",
        "RAG 和微调有什么区别？",
        "比较 A 和 B",
        "为什么会忘记以及怎么避免？",
        "What is attention and why does it help?",
        "Compare tea and coffee",
        "How do GPT-3 and GPT-4 differ?",
    ],
)
def test_a_question_that_compares_or_asks_twice_has_parts(question: str) -> None:
    assert has_parts(question)
    assert is_hard(question, found(9.0))


@pytest.mark.parametrize(
    "question",
    ["米饭要煮多久？", "煮饭的时候，水和米的比例是多少？", "米和水各要什么", "What is attention?", "请问，注意力机制是什么？"],
)
def test_a_plain_question_has_not(question: str) -> None:
    assert not has_parts(question)
    assert not is_hard(question, found(9.0))


def test_a_question_for_which_little_was_found_is_hard() -> None:
    assert is_hard("米饭要煮多久？", found(WEAK - 0.1))
    assert not is_hard("米饭要煮多久？", found(WEAK))
    assert not is_hard("米饭要煮多久？", found(0.0))  # nothing is known of it
