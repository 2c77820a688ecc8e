"""Which note somebody means."""

from __future__ import annotations

import pytest

from knowledge.overview import NoteSummary, OutlinePiece, find_note, in_order, summarize
from knowledge.types import FrontMatter


def note(path: str, title: str, characters: int, *aliases: str) -> NoteSummary:
    return summarize(path, title, [OutlinePiece(heading=(), characters=characters)], front=FrontMatter(aliases=aliases))


NOTES = (
    note("cooking/rice.md", "米饭与粥", 300, "干饭"),
    note("tea.md", "Brewing tea", 900),
    note("cooking/soup.md", "汤", 200),
    note("garden.md", "花园：番茄的种植", 500),
)


@pytest.mark.parametrize(
    ("named", "path"),
    [
        ("rice.md", "cooking/rice.md"),
        ("cooking/rice.md", "cooking/rice.md"),
        ("RICE", "cooking/rice.md"),
        ("米饭与粥", "cooking/rice.md"),
        ("米饭那篇笔记", "cooking/rice.md"),
        ("干饭", "cooking/rice.md"),
        ("the note about tea", "tea.md"),
        ("番茄", "garden.md"),
        ("番茄的種植", "garden.md"),
        ("汤", "cooking/soup.md"),
    ],
)
def test_a_note_is_known_by_its_file_its_title_or_an_alias(named: str, path: str) -> None:
    found = find_note(named, NOTES)
    assert found
    assert found.path == path


@pytest.mark.parametrize(
    ("named", "number"),
    [("第一篇笔记", 0), ("第2篇", 1), ("the third note", 2), ("note 4", 3), ("最后一篇", -1), ("the last note", -1)],
)
def test_a_note_is_known_by_its_number_in_the_overview(named: str, number: int) -> None:
    assert find_note(named, NOTES) == list(in_order(NOTES))[number]


@pytest.mark.parametrize("named", ["", "的", "火锅", "第九篇", "the note", "it", "notes"])
def test_what_names_no_note_finds_none(named: str) -> None:
    assert find_note(named, NOTES) is None


def test_without_notes_there_is_none() -> None:
    assert find_note("第一篇", ()) is None
