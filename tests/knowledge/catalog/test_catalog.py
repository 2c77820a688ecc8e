from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.catalog import Catalog, CatalogBroken, CatalogFull, Entry, NoteRecord, NoteRow
from knowledge.index.entries import entry_of
from knowledge.passages import passages_of
from knowledge.types import FrontMatter
from tests.knowledge.writing import note_of

THREE = "# 甲\n\n一。\n\n# 乙\n\n二。\n\n# 丙\n\n三。\n"
KNOWN = NoteRecord(digest="d", size=3, modified=1, read=2)


@pytest.fixture
def catalog(data: Path) -> Iterator[Catalog]:
    with closing(Catalog(data / "index.sqlite")) as opened:
        yield opened


def row(path: str = "a.md", **values: object) -> NoteRow:
    return NoteRow(**{"path": path, "known": KNOWN, "title": "题", "front": FrontMatter()} | values)


def entries(text: str, path: str = "a.md") -> list[Entry]:
    return [entry_of(cut) for cut in passages_of(note_of(text, path))]


def put(catalog: Catalog, text: str, path: str = "a.md") -> None:
    catalog.put(row(path), entries(text, path))


def rows_by_text(catalog: Catalog) -> dict[str, int]:
    return {passage.text: number for number, passage in catalog.passages(catalog.rows().tolist()).items()}


def texts(catalog: Catalog) -> list[str]:
    return [passage.text for passage in catalog.all_passages()]


# Notes and passages


def test_an_empty_catalog_is_empty(catalog: Catalog) -> None:
    assert (catalog.counts(), catalog.notes(), catalog.rows().tolist(), texts(catalog)) == ((0, 0), {}, [], [])
    assert (catalog.revision(), catalog.is_complete(), catalog.check()) == (0, False, "ok")


def test_passages_come_back_as_they_went_in(catalog: Catalog) -> None:
    text = "---\ntitle: 题\n---\n# 甲\n\n- 一\n  - 二\u00a0👩\u200d🔬 'x' \"y\"\n\n| a | b |\n|---|---|\n| c\0 | d |\n"
    put(catalog, text)
    assert list(catalog.all_passages()) == catalog.passages_of_note("a.md") == [entry.passage for entry in entries(text)]


def test_what_is_indexed_comes_back_as_it_went_in(catalog: Catalog) -> None:
    put(catalog, THREE)
    wanted = entries(THREE)
    stored = catalog.indexed(catalog.rows().tolist())
    for entry, indexed in zip(wanted, stored.values(), strict=True):
        assert indexed.above == entry.indexed.above
        assert indexed.keys.tolist() == entry.indexed.keys.tolist()
        assert indexed.sentences.tolist() == entry.indexed.sentences.tolist()
    assert [keys.tolist() for _, keys in catalog.keys_after(0)] == [entry.indexed.keys.tolist() for entry in wanted]


def test_notes_come_back_as_they_went_in(catalog: Catalog) -> None:
    front = FrontMatter(title="题", tags=("一", "二"), aliases=("A",), date="2024-01-01", end=9, problem="x")
    catalog.put(row("b.md", front=front), [])
    catalog.put(row("a.md", title="甲"), [])
    assert catalog.notes() == {"a.md": KNOWN, "b.md": KNOWN}
    assert catalog.fronts() == [("a.md", "甲", FrontMatter()), ("b.md", "题", front)]


def test_passages_are_listed_note_by_note_in_order(catalog: Catalog) -> None:
    put(catalog, THREE, "b.md")
    put(catalog, "一。", "a.md")
    assert texts(catalog) == ["一。", "# 甲\n\n一。", "# 乙\n\n二。", "# 丙\n\n三。"]
    assert catalog.counts() == (2, 4)


def test_a_passage_that_stayed_the_same_keeps_its_row(catalog: Catalog) -> None:
    put(catalog, THREE)
    before = rows_by_text(catalog)
    put(catalog, "开头。\n\n" + THREE.replace("二", "两"))
    after = rows_by_text(catalog)
    assert set(after) == {"开头。", "# 甲\n\n一。", "# 乙\n\n两。", "# 丙\n\n三。"}
    assert {text: after[text] for text in after if text in before} == {
        text: number for text, number in before.items() if "二" not in text
    }
    assert not {after["开头。"], after["# 乙\n\n两。"]} & set(before.values())


def test_a_passage_that_moved_is_known_at_its_new_place(catalog: Catalog) -> None:
    put(catalog, "# 甲\n\n一。\n")
    put(catalog, "\n\n# 甲\n\n一。\n")
    (passage,) = catalog.passages_of_note("a.md")
    assert (passage.start, passage.end, passage.lines) == (2, 9, (3, 5))


def test_a_passage_under_other_words_is_indexed_anew(catalog: Catalog) -> None:
    """The text is the same, but what stands above it is indexed with it."""
    put(catalog, "---\ntitle: 旧题\n---\n一。")
    old = catalog.rows().tolist()
    put(catalog, "---\ntitle: 新题\n---\n一。")
    assert catalog.rows().tolist() != old
    assert catalog.passages_of_note("a.md")[0].title == "新题"


def test_a_row_is_never_given_twice(catalog: Catalog) -> None:
    """Who remembers a row must not find another passage under its number."""
    given: set[int] = set()
    for at in range(4):
        put(catalog, f"第{at}句。")
        fresh = set(catalog.rows().tolist())
        assert not fresh & given
        given |= fresh
        catalog.remove(["a.md"])


def test_a_removed_note_is_gone(catalog: Catalog) -> None:
    put(catalog, THREE, "a.md")
    put(catalog, "一。", "b.md")
    catalog.remove(["a.md", "never-was.md"])
    assert list(catalog.notes()) == ["b.md"]
    assert texts(catalog) == ["一。"]


def test_passages_that_are_gone_are_left_out_of_the_answer(catalog: Catalog) -> None:
    put(catalog, "一。")
    assert list(catalog.passages([1, 99])) == list(catalog.indexed([1, 99])) == [1]
    assert catalog.passages([]) == {}


def test_keys_after_a_row_are_those_of_later_passages(catalog: Catalog) -> None:
    put(catalog, THREE)
    assert [number for number, _ in catalog.keys_after(1)] == [2, 3]


def test_a_touched_note_keeps_its_passages(catalog: Catalog) -> None:
    put(catalog, THREE)
    catalog.touch("a.md", replace(KNOWN, size=4, modified=5, read=6))
    assert catalog.notes() == {"a.md": replace(KNOWN, size=4, modified=5, read=6)}
    assert catalog.counts() == (1, 3)


# Revision and transactions


@pytest.mark.parametrize(
    "change",
    [
        lambda catalog: put(catalog, "新。"),
        lambda catalog: put(catalog, "新。", "b.md"),
        lambda catalog: catalog.remove(["a.md"]),
        lambda catalog: catalog.put_vectors("m", [("x", np.ones(2, np.float32))]),
    ],
    ids=["changed", "added", "removed", "embedded"],
)
def test_the_revision_goes_up_with_every_change(catalog: Catalog, change: Callable[[Catalog], None]) -> None:
    put(catalog, "旧。")
    before = catalog.revision()
    change(catalog)
    assert catalog.revision() > before


def test_the_revision_stays_when_nothing_changes(catalog: Catalog) -> None:
    put(catalog, "旧。")
    before = catalog.revision()
    catalog.touch("a.md", KNOWN)
    catalog.set_complete()
    texts(catalog)
    assert catalog.revision() == before


class Interrupted(list[Entry]):
    """Entries among which something happens while they are being stored."""

    def __init__(self, found: list[Entry], happens: Callable[[], object]) -> None:
        super().__init__(found)
        self._happens = happens

    def __iter__(self) -> Iterator[Entry]:
        for entry in super().__iter__():
            yield entry
            self._happens()


def test_a_reader_sees_a_note_before_or_after_but_not_in_between(catalog: Catalog) -> None:
    put(catalog, "旧。")
    with closing(Catalog(catalog.file)) as reader:
        seen: list[tuple[list[str], int]] = []
        catalog.put(row(), Interrupted(entries(THREE), lambda: seen.append((texts(reader), reader.revision()))))
        assert len(seen) > 2
        assert set(map(str, seen)) == {str((["旧。"], 1))}
        assert (len(texts(reader)), reader.revision()) == (3, 2)


def test_what_fails_in_the_middle_leaves_the_note_as_it_was(catalog: Catalog) -> None:
    put(catalog, "旧。")
    good, bad = entries("一。\n\n# 二\n\n三。")
    unstorable = replace(bad, passage=replace(bad.passage, text="\ud800"))
    with pytest.raises(UnicodeEncodeError):
        catalog.put(row(known=replace(KNOWN, digest="new")), [good, unstorable])
    assert texts(catalog) == ["旧。"]
    assert catalog.notes() == {"a.md": KNOWN}
    put(catalog, THREE)
    assert len(texts(catalog)) == 3


def test_a_catalog_is_complete_once_it_is_said_and_stays_so(catalog: Catalog) -> None:
    catalog.set_complete()
    put(catalog, "新。")
    with closing(Catalog(catalog.file)) as other:
        assert other.is_complete()


def test_many_threads_may_use_one_catalog(catalog: Catalog) -> None:
    problems: list[Exception] = []

    def work(number: int) -> None:
        try:
            for at in range(10):
                put(catalog, f"第{number}人的第{at}句。", f"{number}.md")
                assert len(catalog.passages_of_note(f"{number}.md")) == 1
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(texts(catalog)) == [f"第{number}人的第9句。" for number in range(4)]
    assert catalog.revision() == 40


# Vectors


def embed_all(catalog: Catalog, model: str = "m") -> int:
    """Give each text that lacks one a vector; return how many there were."""
    lacking = catalog.words_without_vector(model, 1000)
    catalog.put_vectors(model, [(digest, np.array([at, 0.5], np.float32)) for at, (digest, _) in enumerate(lacking)])
    return len(lacking)


def test_each_text_is_embedded_once(catalog: Catalog) -> None:
    put(catalog, THREE)
    assert catalog.count_without_vector("m") == embed_all(catalog) == 3
    put(catalog, THREE + "\n# 丁\n\n四。\n")
    assert [words for _, words in catalog.words_without_vector("m", 10)] == ["a › 丁\n丁\n四。"]
    assert embed_all(catalog) == 1
    assert embed_all(catalog, "other") == 4


def test_no_more_texts_are_handed_out_than_asked_for(catalog: Catalog) -> None:
    put(catalog, THREE)
    assert len(catalog.words_without_vector("m", 2)) == 2


def test_vectors_come_back_with_their_rows_and_words(catalog: Catalog) -> None:
    put(catalog, THREE)
    embed_all(catalog)
    found = catalog.vectors("m", [1, 3, 99])
    assert [(number, vector.tolist(), words) for number, vector, words in sorted(found, key=lambda one: one[0])] == [
        (1, vector_of(catalog, "甲"), "a › 甲\n甲\n一。"),
        (3, vector_of(catalog, "丙"), "a › 丙\n丙\n三。"),
    ]
    assert catalog.vectors("other", [1]) == []


def vector_of(catalog: Catalog, heading: str) -> list[float]:
    (number,) = [number for text, number in rows_by_text(catalog).items() if heading in text]
    ((_, vector, _),) = catalog.vectors("m", [number])
    return list(vector.tolist())


def test_the_vector_of_a_passage_that_comes_back_is_still_there(catalog: Catalog) -> None:
    put(catalog, THREE)
    embed_all(catalog)
    put(catalog, "# 甲\n\n一。\n\n# 乙\n\n二。\n")
    catalog.drop_unused_vectors("m")
    put(catalog, THREE)
    assert catalog.count_without_vector("m") == 0


def test_vectors_of_another_model_are_dropped(catalog: Catalog) -> None:
    put(catalog, THREE)
    embed_all(catalog, "old")
    embed_all(catalog, "new")
    catalog.drop_unused_vectors("new")
    assert (catalog.count_without_vector("old"), catalog.count_without_vector("new")) == (3, 0)


def test_vectors_are_dropped_once_most_of_them_are_unused(catalog: Catalog) -> None:
    put(catalog, THREE)
    embed_all(catalog)
    put(catalog, "# 甲\n\n一。\n")
    catalog.drop_unused_vectors("m")
    put(catalog, THREE)
    assert catalog.count_without_vector("m") == 2


# What can go wrong with the file


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk on which no file can grow beyond `size` bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_and_nothing_is_lost(catalog: Catalog) -> None:
    put(catalog, THREE)
    large = "\n\n".join(f"第{at}段：" + "字" * 400 for at in range(400))
    with files_no_larger_than(200_000), pytest.raises(CatalogFull, match=r"index\.sqlite"):
        put(catalog, large)
    assert (len(texts(catalog)), catalog.revision(), catalog.check()) == (3, 1, "ok")
    put(catalog, large)
    assert len(texts(catalog)) > 100


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CatalogFull, match="file"):
        Catalog(tmp_path / "file" / "index.sqlite")


@pytest.mark.parametrize("garbage", [b"This is no database. " * 500, b"SQLite format 3\0" + bytes(5000), b"\xff" * 100])
def test_a_file_that_is_no_database_is_broken(tmp_path: Path, garbage: bytes) -> None:
    file = tmp_path / "index.sqlite"
    file.write_bytes(garbage)
    with pytest.raises(CatalogBroken, match=r"index\.sqlite"):
        Catalog(file)


def test_a_database_of_another_program_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE passages (id, body)")
    with pytest.raises(CatalogBroken):
        Catalog(file)


def test_damage_in_the_middle_is_told_by_whoever_meets_it(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    with closing(Catalog(file)) as catalog:
        put(catalog, "\n\n".join(f"第{at}段：" + "字" * 400 for at in range(100)))
    content = bytearray(file.read_bytes())
    content[3 * 4096 :] = b"\xa5" * (len(content) - 3 * 4096)
    file.write_bytes(content)
    with pytest.raises(CatalogBroken), closing(Catalog(file)) as catalog:
        texts(catalog)


def test_a_check_names_what_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    with closing(Catalog(file)) as catalog:
        put(catalog, "\n\n".join(f"第{at}段：" + "字" * 400 for at in range(100)))
    content = bytearray(file.read_bytes())
    content[10 * 4096 : 11 * 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    with closing(Catalog(file)) as catalog:
        assert catalog.check() != "ok"
