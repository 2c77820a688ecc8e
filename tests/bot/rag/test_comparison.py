"""Comparisons are looked up for both of their sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rag.comparison import compared, questions_of_sides
from bot.rag.message_kind import read_message
from knowledge.notebook import Notebook, Query, SearchResult
from knowledge.search.extracts import choose_excerpts
from tests.bot.making import indexed, write

NOTES = {
    "pans.md": (
        "# 锅\n\n## 铁锅\n\n铁锅导热快，但是容易生锈。\n\n## 砂锅\n\n砂锅保温好，怕骤冷骤热。\n\n"
        "## 汤锅\n\n汤锅多半是不锈钢做的。炖汤用汤锅，炒菜另有锅。\n"
    ),
    "knives.md": (
        "# Knives\n\n## Blades\n\nA paring knife is short, for peeling. Knives need care.\n\n"
        "## Others\n\nA cleaver is heavy, for bones. Knives need care.\n\n"
        "## Sharpening\n\nA stone brings back the edge, and a steel keeps it.\n"
    ),
}


@pytest.fixture
def kitchen(vault: Path, data: Path) -> Notebook:
    return indexed(write(vault, NOTES), data)


async def search(kitchen: Notebook, asked: str) -> SearchResult:
    reading = read_message(asked)
    return await compared(kitchen.search, Query(question=reading.words), reading)


@pytest.mark.parametrize(
    ("asked", "one", "other"),
    [
        ("铁锅和砂锅有什么区别？", "铁锅导热快，但是容易生锈。", "砂锅保温好，怕骤冷骤热。"),
        ("砂锅跟铁锅有啥不同", "铁锅导热快，但是容易生锈。", "砂锅保温好，怕骤冷骤热。"),
        ("What is the difference between a paring knife and a cleaver?", "A paring knife is short", "A cleaver is heavy"),
        ("cleaver vs paring knife", "A paring knife is short", "A cleaver is heavy"),
    ],
)
async def test_the_answer_to_a_comparison_cites_both_sides(kitchen: Notebook, asked: str, one: str, other: str) -> None:
    found = await search(kitchen, asked)

    quoted = [excerpt.text for excerpt in choose_excerpts(asked, found.hits, most=2, characters=400)]

    assert not found.abstained
    assert any(one in text for text in quoted)
    assert any(other in text for text in quoted)


async def test_each_passage_comes_once_and_no_more_than_asked_for(kitchen: Notebook) -> None:
    reading = read_message("铁锅和砂锅有什么区别")

    found = await compared(kitchen.search, Query(question=reading.words, count=2), reading)

    ids = [hit.passage.id for hit in found.hits]
    assert len(ids) == len(set(ids)) == min(2, len(ids))
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)


async def test_a_side_that_the_notes_never_mention_cannot_be_compared(kitchen: Notebook) -> None:
    found = await search(kitchen, "铁锅和 Zwilling 有什么区别")

    assert found.abstained
    assert found.unknown == ("Zwilling",)


def test_what_is_said_of_both_sides_is_asked_of_each() -> None:
    reading = read_message("encoder 和 decoder 两个部分有什么区别")

    assert questions_of_sides(reading) == ("encoder 和 两个部分有什么区别", "decoder 和 两个部分有什么区别")
