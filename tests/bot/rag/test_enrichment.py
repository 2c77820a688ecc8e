from __future__ import annotations

import pytest

from bot.rag.enrichment import one_line, translated
from tests.fakes.model import ScriptedModel


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("煮米饭要多少水？", "煮米饭要多少水？"),
        ("  “煮米饭要多少水？”\n", "煮米饭要多少水？"),
        ("译文：煮米饭要多少水？", "煮米饭要多少水？"),
        ("Question: how much water?", "how much water?"),
        ("好的。\n煮米饭要多少水？", ""),
        ("", ""),
    ],
)
def test_one_line_is_taken(said: str, line: str) -> None:
    assert one_line(said) == line


async def test_a_translation_is_in_the_other_language() -> None:
    assert await translated(ScriptedModel("煮米饭要多少水？"), "How much water for rice?") == "煮米饭要多少水？"
    assert await translated(ScriptedModel("How much water for rice?"), "煮米饭要多少水？") == "How much water for rice?"
    assert await translated(ScriptedModel("How much water for rice?"), "How much water for rice?") == ""
