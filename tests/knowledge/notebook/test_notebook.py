from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.notebook import Notebook
from knowledge.notes import Vault
from knowledge.passages import SplitLimits
from knowledge.types import Note, Skipped
from tests.knowledge.embedders import TopicEmbedder
from tests.knowledge.notebook.asking import HOBBIES, hits, index_file, texts
from tests.knowledge.writing import write_notes

OpenNotebook = Callable[..., Notebook]

LONG = "# 长\n\n" + "\n\n".join(f"第{at}段讲第{at}件事，讲得相当仔细，也相当长。" for at in range(30)) + "\n"
COARSE, FINE = SplitLimits(), SplitLimits(most=80, wanted=50, raw=200)


@pytest.fixture
def indexed(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    notebook.close()


# What a notebook tells of itself


async def test_a_notebook_knows_what_is_in_it(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    assert (await notebook.size(), await notebook.is_indexed()) == ((0, 0), False)
    await notebook.index()
    assert (await notebook.size(), await notebook.is_indexed()) == ((4, 4), True)
    assert await notebook.what_is_broken() == ""


async def test_a_note_can_be_read_as_it_is_now(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, {"a.md": "旧"})
    notebook = open_notebook()
    await notebook.index()
    write_notes(vault, {"a.md": "新"})
    note = await notebook.read("a.md")
    assert isinstance(note, Note)
    assert note.text == "新"
    assert isinstance(await notebook.read("b.md"), Skipped)


@pytest.mark.parametrize(
    ("text", "title", "headings"),
    [
        ("# 一\n\n甲。\n\n# 二\n\n乙。\n", "note", ("一", "二")),
        ("# 书\n\n## 一\n\n甲。\n\n## 二\n\n乙。\n", "书", ("一", "二")),
        ("# 书\n\n序。\n\n## 一\n\n甲。\n\n## 二\n\n乙。\n", "书", ("一", "二")),
        ("# 书\n\n甲。\n", "书", ()),
        ("甲。\n", "note", ()),
    ],
)
async def test_a_note_is_summed_up_by_the_headings_where_it_branches(
    vault: Path, open_notebook: OpenNotebook, text: str, title: str, headings: tuple[str, ...]
) -> None:
    write_notes(vault, {"note.md": text})
    notebook = open_notebook()
    report = await notebook.index()
    (summary,) = await notebook.summaries()
    assert (summary.path, summary.title, summary.headings, summary.passages) == ("note.md", title, headings, report.passages)


async def test_every_note_is_summed_up(indexed: None, open_notebook: OpenNotebook) -> None:
    assert [summary.path for summary in await open_notebook().summaries()] == sorted(HOBBIES)


async def test_a_summary_is_made_anew_once_its_note_has_changed(vault: Path, indexed: None, open_notebook: OpenNotebook) -> None:
    notebook = open_notebook()
    before = await notebook.summaries()
    write_notes(vault, {"new.md": "---\ntags: [新]\n---\n# 新的\n\n才写的一篇。\n"})
    await notebook.index()
    (new,) = set(await notebook.summaries()) - set(before)
    assert (new.path, new.tags, new.opening) == ("new.md", ("新",), "才写的一篇。")


def test_the_vault_is_never_written_to(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in vault.rglob("*")}
    notebook = open_notebook()
    notebook.index_now()
    hits(notebook, "象棋")
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in vault.rglob("*")} == before


def test_an_index_is_found_again(indexed: None, open_notebook: OpenNotebook, embedder: TopicEmbedder) -> None:
    embedder.embedded.clear()
    notebook = open_notebook()
    assert hits(notebook, "象棋")[0] == "chess.md"
    assert notebook.index_now().added == 0
    assert embedder.embedded == []


# Generations


def test_the_old_generation_serves_until_the_new_one_is_complete(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES | {"long.md": LONG})
    open_notebook(limits=COARSE).index_now()
    coarse = texts(open_notebook(limits=COARSE), "第7件事")[0]
    notebook = open_notebook(limits=FINE)
    meanwhile: list[str] = []

    def look(stage: str, done: int, total: int) -> None:
        if stage == "notes" and done < total:
            meanwhile.append(texts(notebook, "第7件事")[0])

    notebook.index_now(look)
    assert meanwhile == [coarse] * 4
    assert len(texts(notebook, "第7件事")[0]) <= 200 < len(coarse)


def test_the_old_generation_is_deleted_when_the_new_one_serves(vault: Path, data: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    open_notebook(limits=COARSE).index_now()
    before = index_file(data)
    open_notebook(limits=FINE).index_now()
    assert index_file(data) != before


def test_a_new_generation_whose_making_was_cut_off_is_finished_later(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES | {"long.md": LONG})
    open_notebook(limits=COARSE).index_now()
    notebook = open_notebook(limits=FINE)
    with pytest.raises(KeyboardInterrupt):
        notebook.index_now(interrupt_at(2))
    assert len(texts(notebook, "第7件事")[0]) > 200
    assert notebook.index_now().added == 3
    assert len(texts(notebook, "第7件事")[0]) <= 200


def interrupt_at(step: int) -> Callable[[str, int, int], None]:
    def progress(stage: str, done: int, total: int) -> None:
        if done == step:
            raise KeyboardInterrupt

    return progress


# An index that is broken


def overwrite(file: Path) -> None:
    file.write_bytes(b"This is no database. " * 1000)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut_in_half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def damage_the_middle(file: Path) -> None:
    """All pages but the first two, which say what tables there are."""
    content = file.read_bytes()
    file.write_bytes(content[: 2 * 4096] + b"\xa5" * (len(content) - 2 * 4096))


def delete(file: Path) -> None:
    file.unlink()


DAMAGES = [overwrite, empty, cut_in_half, damage_the_middle, delete]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_index_heals_when_it_is_brought_up_to_date(
    indexed: None, data: Path, open_notebook: OpenNotebook, damage: Callable[[Path], None]
) -> None:
    damage(index_file(data))
    notebook = open_notebook()
    report = notebook.index_now()
    assert (report.notes, report.passages, report.added) == (4, 4, 4)
    assert hits(notebook, "象棋")[0] == "chess.md"
    assert hits(notebook, "knight")[0] == "chess.md"


def test_a_broken_index_heals_when_it_is_searched(indexed: None, data: Path, open_notebook: OpenNotebook) -> None:
    damage_the_middle(index_file(data))
    notebook = open_notebook()
    assert hits(notebook, "象棋")[0] == "chess.md"
    assert hits(notebook, "knight")[0] == "chess.md"


@pytest.mark.parametrize("damage", [overwrite, empty, cut_in_half, delete])
async def test_an_index_that_had_to_be_thrown_away_says_so(
    indexed: None, data: Path, open_notebook: OpenNotebook, damage: Callable[[Path], None]
) -> None:
    damage(index_file(data))
    assert not await open_notebook().is_indexed()


async def test_a_broken_index_can_be_told(indexed: None, data: Path, open_notebook: OpenNotebook) -> None:
    file = index_file(data)
    content = bytearray(file.read_bytes())
    content[-4096:] = b"\xa5" * 4096
    file.write_bytes(content)
    assert await open_notebook().what_is_broken() != ""


def test_a_deleted_data_folder_costs_a_new_index_and_nothing_else(
    indexed: None, vault: Path, data: Path, open_notebook: OpenNotebook
) -> None:
    for file in data.iterdir():
        file.unlink()
    data.rmdir()
    assert open_notebook().index_now().added == 4


# More than one at a time


def test_two_notebooks_may_index_one_vault_at_once(vault: Path, open_notebook: OpenNotebook) -> None:
    """Each step of the one is followed by a whole run of the other."""
    write_notes(vault, HOBBIES)
    one, other = open_notebook(), open_notebook()
    one.index_now(lambda *_: other.index_now())
    assert one.index_now().passages == other.index_now().passages == 4
    assert hits(one, "象棋")[0] == hits(other, "象棋")[0] == "chess.md"


def test_what_one_notebook_indexes_another_finds(vault: Path, indexed: None, open_notebook: OpenNotebook) -> None:
    one, other = open_notebook(), open_notebook()
    hits(other, "象棋")
    write_notes(vault, {"garden.md": "种花要选好土。"})
    one.index_now()
    assert hits(other, "种花")[0] == "garden.md"


def test_two_vaults_do_not_mix(tmp_path: Path) -> None:
    write_notes(tmp_path / "a", {"a.md": "甲乙丙。"})
    write_notes(tmp_path / "b", {"b.md": "甲乙丁。"})
    notebooks = [Notebook(Vault(tmp_path / name), tmp_path / "data" / name) for name in "ab"]
    for notebook in notebooks:
        notebook.index_now()
    assert [hits(notebook, "甲乙") for notebook in notebooks] == [["a.md"], ["b.md"]]
    for notebook in notebooks:
        notebook.close()
