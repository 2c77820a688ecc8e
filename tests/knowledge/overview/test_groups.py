"""A vault by folder or theme, and which note of it somebody means."""

from __future__ import annotations

import pytest

from knowledge.overview import (
    Entry,
    NoteGroup,
    NoteSummary,
    OutlinePiece,
    entries_in,
    entries_of,
    find_note,
    group_of,
    in_order,
    summarize,
)
from knowledge.types import FrontMatter


def note(path: str, characters: int = 100, *, tags: tuple[str, ...] = ()) -> NoteSummary:
    title = path.rpartition("/")[2].removesuffix(".md")
    return summarize(path, title, [OutlinePiece(heading=(), characters=characters)], front=FrontMatter(tags=tags))


def shown(entries: tuple[Entry, ...]) -> list[str]:
    return [f"{one.label}/{len(one.notes)}" if isinstance(one, NoteGroup) else one.name for one in entries]


def test_folders_and_notes_stand_side_by_side_the_largest_first() -> None:
    notes = [note("tea.md", 50), note("rice.md", 900), note("soups/a.md"), note("soups/b.md", 300)]
    assert shown(entries_of(notes)) == ["rice", "soups/2", "tea"]


def test_a_folder_around_everything_is_no_group() -> None:
    assert shown(entries_of([note("vault/notes/a.md", 3), note("vault/notes/b.md", 2)])) == ["a", "b"]


def test_a_folder_of_one_note_is_the_note() -> None:
    assert shown(entries_of([note("rice/rice.md", 3), note("tea/tea.md", 2), note("c.md", 1)])) == ["rice", "tea", "c"]


def test_numbered_names_keep_their_order() -> None:
    notes = [note("10.末章.md", 900), note("2.中章.md", 5), note("1.首章/甲.md"), note("1.首章/乙.md")]
    assert shown(entries_of(notes)) == ["首章/2", "中章", "末章"]


def test_many_notes_in_one_folder_are_parted_by_what_their_tags_share() -> None:
    plants = [note(f"p{n}.md", tags=("植物", "笔记")) for n in range(12)]
    animals = [note(f"a{n}.md", tags=("动物", "笔记")) for n in range(8)]
    entries = entries_of([*plants, *animals, note("alone.md")])
    assert shown(entries) == ["植物/12", "动物/8", "alone"]


def test_tags_that_few_notes_carry_part_nothing() -> None:
    notes = [note(f"n{n}.md", tags=("x",) if n < 3 else ()) for n in range(20)]
    assert all(isinstance(entry, NoteSummary) for entry in entries_of(notes))


def test_a_folder_is_found_again_by_its_key_however_deep() -> None:
    notes = [note(f"a/{folder}/{n}.md") for folder in "xy" for n in "12"] + [note("b.md")]
    (outer,) = [entry for entry in entries_of(notes) if isinstance(entry, NoteGroup)]
    inner = entries_in(outer)[0]
    assert isinstance(inner, NoteGroup)
    assert group_of(notes, inner.key) == inner
    assert shown(entries_in(inner)) == ["1", "2"]
    assert group_of(notes, "0000000000") is None


def test_a_note_whose_file_name_nobody_chose_is_called_by_its_beginning() -> None:
    pieces = [OutlinePiece(heading=(), characters=9)]
    assert summarize("62b1af3239.md", "62b1af3239", pieces, beginning="合成数据与安全\n\n正文。").name == "合成数据与安全"
    assert summarize("rice.md", "米饭", pieces, beginning="正文。").name == "米饭"


def test_headings_that_stand_in_any_note_are_no_points() -> None:
    pieces = [OutlinePiece(heading=(heading,), characters=9) for heading in ("1. 引言", "2. 位置编码", "3.总结", "References")]
    assert summarize("a.md", "a", pieces).points == ("位置编码",)


def named(path: str, title: str, characters: int, *aliases: str) -> NoteSummary:
    return summarize(path, title, [OutlinePiece(heading=(), characters=characters)], front=FrontMatter(aliases=aliases))


NOTES = (
    named("cooking/rice.md", "米饭与粥", 300, "干饭"),
    named("tea.md", "Brewing tea", 900),
    named("cooking/soup.md", "汤", 200),
    named("garden.md", "花园：番茄的种植", 500),
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
