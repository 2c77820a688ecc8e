from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.catalog import Catalog, NoteRow
from knowledge.catalog.schema import NoteRecord
from knowledge.index.indexer import IndexGenerations
from knowledge.passages import SplitLimits
from knowledge.types import FrontMatter

OLD, NEW = SplitLimits(), SplitLimits(most=300)
A_NOTE = NoteRow(path="a.md", known=NoteRecord(digest="", size=0, modified=0, read=0), title="", front=FrontMatter())


@pytest.fixture
def shelf(data: Path) -> Iterator[IndexGenerations]:
    """A shelf that wants the new generation."""
    with closing(IndexGenerations(data, NEW)) as shelf:
        yield shelf


@pytest.fixture
def old(data: Path) -> Path:
    """The file of a complete old generation, with one note in it."""
    return write_generation(data, OLD)


def write_generation(data: Path, limits: SplitLimits, *, complete: bool = True) -> Path:
    with closing(IndexGenerations(data, limits)) as shelf:
        catalog = shelf.to_write()
        catalog.put(A_NOTE, [])
        if complete:
            catalog.set_complete()
        return catalog.file


def files(data: Path) -> list[str]:
    return sorted(file.name for file in data.glob("index-*.sqlite"))


def test_other_limits_are_another_generation(data: Path) -> None:
    assert (
        len({IndexGenerations(data, limits).generation for limits in (OLD, NEW, SplitLimits(wanted=200), SplitLimits(raw=900))})
        == 4
    )
    assert IndexGenerations(data, OLD).generation == IndexGenerations(data, SplitLimits()).generation


def test_without_an_index_there_is_an_empty_one(shelf: IndexGenerations) -> None:
    assert shelf.to_read() is shelf.to_write()
    assert shelf.to_read().counts() == (0, 0)


def test_the_old_generation_is_read_while_the_new_one_is_written(shelf: IndexGenerations, old: Path) -> None:
    assert shelf.to_read().file == old
    assert shelf.to_write().file != old
    shelf.to_write().put(A_NOTE, [])
    assert shelf.to_read().file == old


def test_the_new_generation_is_read_once_it_is_complete(shelf: IndexGenerations, old: Path) -> None:
    shelf.to_write().set_complete()
    assert shelf.to_read() is shelf.to_write()


def test_an_old_generation_that_never_was_complete_is_not_read(data: Path, shelf: IndexGenerations) -> None:
    write_generation(data, OLD, complete=False)
    assert shelf.to_read() is shelf.to_write()


@pytest.mark.parametrize("name", ["index-0-1-12345678.sqlite", "index-1-0-12345678.sqlite", "index-9-9-x.sqlite"])
def test_a_generation_of_another_program_version_is_not_read(data: Path, shelf: IndexGenerations, old: Path, name: str) -> None:
    old.rename(data / name)
    assert shelf.to_read() is shelf.to_write()


def test_old_generations_go_when_they_are_not_needed_any_more(data: Path, shelf: IndexGenerations, old: Path) -> None:
    (data / "index-0-0-12345678.sqlite").write_bytes(b"of an older program")
    (data / "state.sqlite").write_bytes(b"not ours")
    shelf.to_write().set_complete()
    shelf.drop_others()
    assert files(data) == [f"{shelf.generation}.sqlite"]
    assert not list(data.glob(f"{old.name}*"))
    assert (data / "state.sqlite").exists()


@pytest.mark.parametrize("garbage", [b"garbage" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_a_broken_file_is_replaced_by_an_empty_one(data: Path, garbage: bytes) -> None:
    file = write_generation(data, NEW)
    file.write_bytes(garbage)
    with closing(IndexGenerations(data, NEW)) as shelf:
        assert shelf.to_read().counts() == (0, 0)
        assert not shelf.to_read().is_complete()
        shelf.to_write().put(A_NOTE, [])
    with closing(Catalog(file)) as catalog:
        assert catalog.counts() == (1, 0)


def test_a_broken_old_generation_does_not_matter(shelf: IndexGenerations, old: Path) -> None:
    old.write_bytes(b"garbage" * 1000)
    assert shelf.to_read() is shelf.to_write()


def test_beginning_anew_empties_the_wanted_generation_only(data: Path, shelf: IndexGenerations, old: Path) -> None:
    shelf.to_write().put(A_NOTE, [])
    shelf.to_write().set_complete()
    shelf.begin_anew()
    assert shelf.to_write().counts() == (0, 0)
    assert shelf.to_read().file == old


def test_a_shelf_can_be_used_again_after_it_was_closed(shelf: IndexGenerations) -> None:
    shelf.to_write().put(A_NOTE, [])
    shelf.close()
    assert shelf.to_read().counts() == (1, 0)
