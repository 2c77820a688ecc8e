"""Marks are written in where a sentence ends, and what is made up is left out with all that announced it."""

from __future__ import annotations

import pytest

from bot.rag.annotation import Annotated, Unsupported, annotate
from bot.rag.attribution import Attributor
from bot.rag.citations import citation_of
from tests.bot.making import hit

GIVEN = (
    citation_of(1, hit("# 咖啡\n\n手冲咖啡用 92 度的水，粉水比是 1:15。先焖蒸三十秒。", "a.md")),
    citation_of(2, hit("# 相机\n\n拍夜景用三脚架，快门两秒以上，感光度调到 100。", "b.md")),
)


def annotated(text: str, unsupported: Unsupported = "strict", *, whole: bool = True) -> Annotated:
    return annotate(text, Attributor(GIVEN, question="怎么做？"), unsupported=unsupported, remark="（查无）", whole=whole)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("手冲咖啡用 92 度的水。", "手冲咖啡用 92 度的水 [1]。"),
        ("手冲咖啡用 92 度的水", "手冲咖啡用 92 度的水 [1]"),
        ("- 手冲咖啡用 92 度的水\n- 拍夜景用三脚架", "- 手冲咖啡用 92 度的水 [1]\n- 拍夜景用三脚架 [2]"),
        ("| 做法 | 值 |\n|---|---|\n| 拍夜景 | 用三脚架 |", "| 做法 | 值 |\n|---|---|\n| 拍夜景 | 用三脚架 [2] |"),
        ("**拍夜景用三脚架。**", "**拍夜景用三脚架。** [2]"),
        ("拍夜景用三脚架 [2]，快门两秒以上。", "拍夜景用三脚架 [2]，快门两秒以上。"),
        ("拍夜景用三脚架。[1]", "拍夜景用三脚架 [2]。"),
        ("拍夜景用三脚架。[2]", "拍夜景用三脚架。[2]"),
        ("要点如下：\n\n1. 拍夜景用三脚架", "要点如下：\n\n1. 拍夜景用三脚架 [2]"),
        ("分两步：1. 拍夜景用三脚架。2. 快门两秒以上。", "分两步：1. 拍夜景用三脚架 [2]。2. 快门两秒以上 [2]。"),
        ("## 拍夜景用三脚架\n\n拍夜景用三脚架。", "## 拍夜景用三脚架\n\n拍夜景用三脚架 [2]。"),
        ("相机 › 拍夜景\n拍夜景用三脚架。", "相机 › 拍夜景\n拍夜景用三脚架 [2]。"),
        ("拍夜景用三脚架。\n\n```\niso = 3200\n```", "拍夜景用三脚架 [2]。\n\n```\niso = 3200\n```"),
    ],
)
def test_marks_stand_where_sentences_end(said: str, shown: str) -> None:
    assert annotated(said) == Annotated(text=shown, supported=True)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("拍夜景用三脚架。光圈开到 2.8。", "拍夜景用三脚架 [2]。"),
        ("1. 拍夜景用三脚架\n2. 光圈开到 2.8\n3. 快门两秒以上", "1. 拍夜景用三脚架 [2]\n3. 快门两秒以上 [2]"),
        ("拍夜景用三脚架。\n\n另外还有：\n\n- 光圈开到 2.8", "拍夜景用三脚架 [2]。"),
    ],
)
def test_what_is_made_up_goes_with_its_list_marker_and_its_lead_in(said: str, shown: str) -> None:
    assert annotated(said) == Annotated(text=shown, supported=True, left_out=1)


def test_it_is_marked_or_stays_where_that_is_set() -> None:
    said = "拍夜景用三脚架。光圈开到 2.8。"
    assert annotated(said, "marked").text == "拍夜景用三脚架 [2]。光圈开到 2.8（查无）。"
    assert annotated(said, "off").text == "拍夜景用三脚架 [2]。光圈开到 2.8。"


def test_a_growing_answer_shows_nothing_made_up_on_the_way() -> None:
    said = "拍夜景用三脚架。光圈开到 2.8，再拍。手冲咖啡用 92 度的水。"
    shown = [annotated(said[:size], whole=False).text for size in range(len(said) + 1)]
    assert not any("2.8" in text for text in shown)
    assert shown[-1] == annotated(said).text


def test_a_growing_answer_ends_as_the_whole_one() -> None:
    attributor = Attributor(GIVEN)
    said = "拍夜景用三脚架，快门两秒以上。\n\n- 手冲咖啡用 92 度的水\n- 先焖蒸三十秒\n"
    for size in range(len(said) + 1):
        last = annotate(said[:size], attributor, unsupported="strict", remark="", whole=False)
    assert last.text == annotate(said, Attributor(GIVEN), unsupported="strict", remark="").text


def test_an_answer_without_a_supported_sentence_says_so() -> None:
    assert not annotated("光圈开到 2.8。").supported
    assert not annotated("笔记里没有提到。").supported
