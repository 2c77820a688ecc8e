from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.catalog import Catalog
from knowledge.notebook import Notebook
from knowledge.search.postings_file import last_stored, load
from knowledge.vectors import HashedNgrams
from tests.benchmarks.made_up import questions, write_vault
from tests.knowledge.notebook.asking import index_file, texts

OpenNotebook = Callable[..., Notebook]
ASKED = tuple(questions(12))


@pytest.fixture
def notebook(vault: Path, open_notebook: OpenNotebook) -> Notebook:
    """Enough notes that their postings are kept."""
    write_vault(vault, 40)
    opened = open_notebook(embedder=HashedNgrams())
    opened.index_now()
    return opened


@pytest.fixture
def again(open_notebook: OpenNotebook) -> Callable[[], Notebook]:
    return lambda: open_notebook(embedder=HashedNgrams())


def kept(data: Path) -> Path:
    (file,) = data.glob("*.postings")
    return file


def all_found(notebook: Notebook) -> list[list[str]]:
    return [texts(notebook, question) for question in ASKED]


def test_what_is_kept_is_what_would_be_built(notebook: Notebook, data: Path, again: Callable[[], Notebook]) -> None:
    mapped = all_found(again())
    kept(data).unlink()
    assert all_found(again()) == mapped


def test_a_start_reads_the_kept_postings(notebook: Notebook, data: Path) -> None:
    with closing(Catalog(index_file(data))) as catalog:
        stored = load(catalog)
        assert stored
        assert stored.postings.rows.tolist() == catalog.rows().tolist()
        assert last_stored(catalog) == catalog.rows()[-1]
        assert stored.floor > 0


def test_what_was_indexed_since_is_found_and_what_went_is_not(
    notebook: Notebook, vault: Path, data: Path, again: Callable[[], Notebook]
) -> None:
    before = kept(data)
    (vault / "clock.md").write_text("# 钟表\n\n钟表匠的玻璃罩。\n", encoding="utf-8")
    gone = next(vault.rglob("0*.md"))
    words = gone.read_text(encoding="utf-8").splitlines()[4]
    gone.unlink()
    notebook.index_now()
    fresh = again()
    assert kept(data) == before
    assert "钟表匠的玻璃罩。" in texts(fresh, "钟表匠的玻璃罩")[0]
    assert not any(words in text for text in texts(fresh, words))


def test_the_file_is_written_anew_when_much_has_come(notebook: Notebook, vault: Path, data: Path) -> None:
    before = kept(data)
    write_vault(vault / "more", 40, seed=5)
    notebook.index_now()
    assert kept(data) != before


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def scribble(file: Path) -> None:
    file.write_bytes(b"[]" + b" " * 5000)


@pytest.mark.parametrize("damage", [cut, flip, empty, scribble])
def test_a_damaged_file_is_not_used(
    notebook: Notebook, data: Path, again: Callable[[], Notebook], damage: Callable[[Path], None]
) -> None:
    before = all_found(notebook)
    notebook.close()
    damage(kept(data))
    assert all_found(again()) == before
    assert not list(data.glob("*.postings"))


def test_the_file_of_another_catalog_is_not_used(notebook: Notebook, data: Path, again: Callable[[], Notebook]) -> None:
    notebook.close()
    index_file(data).unlink()
    other = again()
    assert all_found(other) == [[] for _ in ASKED]
    other.index_now()
    assert all(all_found(other))
    kept(data)


def test_a_small_vault_keeps_no_file(vault: Path, data: Path, open_notebook: OpenNotebook) -> None:
    write_vault(vault, 3)
    open_notebook(embedder=HashedNgrams()).index_now()
    assert not list(data.glob("*.postings"))
