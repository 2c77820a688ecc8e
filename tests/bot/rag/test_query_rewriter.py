from __future__ import annotations

import pytest

from bot.rag.query_rewriter import LONGEST, is_faithful, one_line, rewritten, translated
from tests.fakes.model import ScriptedModel

TURNS = ("米饭怎么煮？", "米饭要先洗两遍，再煮二十分钟。")


@pytest.mark.parametrize(
    ("written", "question"),
    [
        ("煮米饭要多少水？", "要多少水？"),
        ("米饭要洗几遍再煮？", "那要洗几遍呢？"),
        ("How much water does 米饭 need?", "How much water does it need?"),
    ],
)
def test_a_wording_made_of_what_was_said_is_faithful(written: str, question: str) -> None:
    assert is_faithful(written, question, TURNS)


@pytest.mark.parametrize(
    ("written", "question"),
    [
        ("用 Instant Pot 煮米饭要多少水？", "要多少水？"),
        ("煮米饭要 350 毫升水吗？", "要多少水？"),
        ("红烧牛肉面的汤底怎样熬制才会浓郁？", "要多少水？"),
        ("米饭" * LONGEST, "要多少水？"),
        ("是什么？", "要多少水？"),
        ("", "要多少水？"),
    ],
)
def test_a_wording_with_names_or_words_of_its_own_is_not(written: str, question: str) -> None:
    assert not is_faithful(written, question, TURNS)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("煮米饭要多少水？", "煮米饭要多少水？"),
        ("  “煮米饭要多少水？”\n", "煮米饭要多少水？"),
        ("改写后的问题：煮米饭要多少水？", "煮米饭要多少水？"),
        ("Question: how much water?", "how much water?"),
        ("好的。\n煮米饭要多少水？", ""),
        ("", ""),
    ],
)
def test_one_line_is_taken(said: str, line: str) -> None:
    assert one_line(said) == line


async def test_the_model_is_told_the_turns_and_the_question() -> None:
    model = ScriptedModel("煮米饭要", "多少水？")
    assert await rewritten(model, "要多少水？", TURNS) == "煮米饭要多少水？"
    order = str(model.told[0][0].content)
    assert all(words in order for words in (*TURNS, "要多少水？"))


async def test_a_wording_that_is_not_faithful_is_none() -> None:
    assert await rewritten(ScriptedModel("How do I buy Bitcoin in 2024?"), "要多少水？", TURNS) == ""


async def test_a_model_that_fails_or_goes_on_for_ever_gives_none() -> None:
    assert await rewritten(ScriptedModel("煮米饭", fails="gone"), "要多少水？", TURNS) == ""
    endless = ScriptedModel(*["煮米饭要多少水？"] * 1000)
    assert await rewritten(endless, "要多少水？", TURNS) == ""
    assert endless.stopped


async def test_a_translation_is_in_the_other_language() -> None:
    assert await translated(ScriptedModel("煮米饭要多少水？"), "How much water for rice?") == "煮米饭要多少水？"
    assert await translated(ScriptedModel("How much water for rice?"), "煮米饭要多少水？") == "How much water for rice?"
    assert await translated(ScriptedModel("How much water for rice?"), "How much water for rice?") == ""
