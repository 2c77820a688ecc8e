"""What a question is about, in its own words."""

from __future__ import annotations

import pytest

from knowledge.text import subject_of


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("什么是困惑度？", "困惑度"),
        ("困惑度是什么意思", "困惑度"),
        ("请问一下，束搜索怎么样呢", "束搜索"),
        ("麻烦解释一下下采样", "下采样"),
        ("批大小有多大？", "批大小"),
        ("What is beam search?", "beam search"),
        ("what's vLLM", "vLLM"),
        ("Can you tell me about WHO please", "WHO"),
        ("How is GET used?", "GET"),
        ("为什么", ""),
        ("and why?", ""),
        ("", ""),
    ],
)
def test_the_words_around_a_question_are_not_what_it_is_about(question: str, subject: str) -> None:
    assert subject_of(question) == subject
