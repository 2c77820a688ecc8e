from __future__ import annotations

import pytest

from bot.rag.citations import only_real_quotations
from tests.bot.making import citation

SOURCE = citation(1, text="米饭要**先洗两遍**，再煮二十分钟。Green tea is steeped at 80 degrees.")


@pytest.mark.parametrize(
    "text",
    [
        "笔记说“米饭要先洗两遍，再煮二十分钟” [1]。",
        "「先洗两遍，再煮二十分钟。」",
        'It says "Green tea is steeped at 80 degrees".',
        "“GREEN TEA is steeped”",
        "“米饭”是什么",
        '`print("made up words")`',
        '```\nx = "something of its own"\n```',
    ],
)
def test_real_quotations_terms_and_code_keep_their_marks(text: str) -> None:
    assert only_real_quotations(text, [SOURCE]) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("笔记说“米饭要煮三个小时才好” [1]。", "笔记说米饭要煮三个小时才好 [1]。"),
        ('It says "tea needs boiling milk" [1].', "It says tea needs boiling milk [1]."),
        ("『编出来的一句话而已』", "编出来的一句话而已"),
    ],
)
def test_what_no_source_says_loses_its_marks_and_keeps_its_words(text: str, said: str) -> None:
    assert only_real_quotations(text, [SOURCE]) == said
    assert only_real_quotations(text, []) == said
