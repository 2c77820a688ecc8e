from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.catalog import Catalog
from knowledge.index.entries import entry_of
from knowledge.index.indexer import BATCH
from knowledge.notebook import Notebook
from knowledge.notes import Vault, VaultProblem
from knowledge.passages import passages_of
from knowledge.text import keys
from knowledge.types import Note, Skipped
from tests.knowledge.embedders import FailingEmbedder, TopicEmbedder
from tests.knowledge.notebook.asking import HOBBIES, hits, index_file, texts
from tests.knowledge.writing import note_of, write_notes

OpenNotebook = Callable[..., Notebook]


@pytest.fixture
def notebook(vault: Path, open_notebook: OpenNotebook) -> Notebook:
    """Four notes, indexed."""
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    return notebook


# What a run does


def test_the_first_run_takes_up_every_note(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    report = open_notebook().index_now()
    assert (report.notes, report.passages, report.added, report.changed, report.removed) == (4, 4, 4, 0, 0)
    assert (report.skipped, report.problems) == ([], [])


def test_a_run_without_changes_does_nothing(notebook: Notebook, embedder: TopicEmbedder) -> None:
    embedder.embedded.clear()
    report = notebook.index_now()
    assert (report.notes, report.added, report.changed, report.removed) == (4, 0, 0, 0)
    assert embedder.embedded == []


def test_a_new_note_is_found(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {"sub/garden.md": "种花要选好土。"})
    assert notebook.index_now().added == 1
    assert hits(notebook, "种花")[0] == "sub/garden.md"


def test_a_changed_note_is_found_by_its_new_words_only(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {"chess.md": "# 围棋\n\n围棋的棋子有黑白两色。\n"})
    assert notebook.index_now().changed == 1
    assert texts(notebook, "围棋 黑白")[0] == "# 围棋\n\n围棋的棋子有黑白两色。"
    assert not any("象棋" in text for text in texts(notebook, "象棋"))


def test_a_removed_note_is_gone(vault: Path, notebook: Notebook) -> None:
    (vault / "chess.md").unlink()
    report = notebook.index_now()
    assert (report.removed, report.notes, report.passages) == (1, 3, 3)
    assert "chess.md" not in hits(notebook, "象棋")


def test_a_renamed_note_is_found_under_its_new_name_only(vault: Path, notebook: Notebook) -> None:
    (vault / "chess.md").rename(vault / "board-games.md")
    report = notebook.index_now()
    assert (report.added, report.removed, report.notes) == (1, 1, 4)
    found = hits(notebook, "象棋")
    assert found[0] == "board-games.md"
    assert "chess.md" not in found


def test_a_changed_passage_is_the_only_one_that_is_embedded_again(
    vault: Path, open_notebook: OpenNotebook, embedder: TopicEmbedder
) -> None:
    sections = [f"## 第{at}节\n\n这是第{at}节的内容。\n\n" for at in range(5)]
    write_notes(vault, {"a.md": "".join(sections)})
    notebook = open_notebook()
    notebook.index_now()
    embedder.embedded.clear()
    sections[2] = "## 第2节\n\n这里改过了。\n\n"
    write_notes(vault, {"a.md": "前言。\n\n" + "".join(sections)})
    notebook.index_now()
    assert len(embedder.embedded) == 2
    assert "前言" in "".join(embedder.embedded)
    assert "改过" in "".join(embedder.embedded)


def test_a_note_that_is_ignored_from_now_on_is_gone(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {".notesbotignore": "chess.md\n"})
    assert notebook.index_now().removed == 1
    assert "chess.md" not in hits(notebook, "象棋")


def test_a_note_that_became_unreadable_is_gone_and_reported(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {"chess.md": bytes(1000)})
    report = notebook.index_now()
    assert [skip.path for skip in report.skipped] == ["chess.md"]
    assert (report.notes, "chess.md" in hits(notebook, "象棋")) == (3, False)


def test_a_note_with_a_broken_header_is_reported_and_found(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {"garden.md": "---\ntitle: a: b\n---\n种花要选好土。"})
    report = notebook.index_now()
    assert [(problem.path, "line 2" in problem.why) for problem in report.problems] == [("garden.md", True)]
    assert hits(notebook, "种花")[0] == "garden.md"


def test_what_is_skipped_is_reported_every_time(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {"binary.md": bytes(1000)})
    for _ in range(2):
        assert [skip.path for skip in notebook.index_now().skipped] == ["binary.md"]


def test_a_vault_that_is_gone_for_a_while_costs_nothing(vault: Path, notebook: Notebook) -> None:
    away = vault.with_name("unplugged")
    vault.rename(away)
    with pytest.raises(VaultProblem):
        notebook.index_now()
    assert hits(notebook, "象棋")[0] == "chess.md"
    away.rename(vault)
    assert notebook.index_now().added == 0


def test_an_emptied_vault_empties_the_index(vault: Path, notebook: Notebook) -> None:
    shutil.rmtree(vault)
    vault.mkdir()
    assert notebook.index_now().removed == 4
    assert hits(notebook, "象棋") == []


def test_progress_is_told_to_the_end(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, {f"{at}.md": f"第{at}句。" for at in range(BATCH + 3)})
    told: list[tuple[str, int, int]] = []
    open_notebook().index_now(lambda *step: told.append(step))
    count = BATCH + 3
    assert [step for step in told if step[0] == "notes"] == [("notes", done, count) for done in range(1, count + 1)]
    assert [step for step in told if step[0] == "vectors"] == [("vectors", BATCH, count), ("vectors", count, count)]


# Which files are read


class WatchedVault(Vault):
    """Remembers which notes were read; says of `restless` ones that they are being written."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[str] = []
        self.restless: set[str] = set()

    def read(self, path: str) -> Note | Skipped:
        self.reads.append(path)
        if path in self.restless:
            return Skipped(path=path, why="changes while it is read", passing=True)
        return super().read(path)


def make_old(file: Path, hour: int = 1) -> None:
    """As if it had been written some time ago."""
    os.utime(file, ns=(0, time.time_ns() - hour * 3_600_000_000_000))


@pytest.fixture
def watched(vault: Path, data: Path) -> tuple[WatchedVault, Notebook]:
    """Two notes, written an hour ago and indexed."""
    write_notes(vault, {"a.md": "一。", "b.md": "二。"})
    for name in ("a.md", "b.md"):
        make_old(vault / name)
    found = WatchedVault(vault)
    notebook = Notebook(found, data)
    notebook.index_now()
    found.reads.clear()
    return found, notebook


def test_what_has_not_changed_is_not_read_again(watched: tuple[WatchedVault, Notebook]) -> None:
    found, notebook = watched
    notebook.index_now()
    assert found.reads == []


def test_only_what_has_changed_is_read(vault: Path, watched: tuple[WatchedVault, Notebook]) -> None:
    found, notebook = watched
    write_notes(vault, {"b.md": "两。"})
    notebook.index_now()
    assert found.reads == ["b.md"]


def test_a_note_with_an_older_time_than_before_has_changed(vault: Path, watched: tuple[WatchedVault, Notebook]) -> None:
    """Copied over from elsewhere, or taken from a backup."""
    _, notebook = watched
    write_notes(vault, {"b.md": "两。"})
    make_old(vault / "b.md", hour=9)
    assert notebook.index_now().changed == 1


def test_a_note_that_was_only_touched_is_not_changed(vault: Path, watched: tuple[WatchedVault, Notebook]) -> None:
    found, notebook = watched
    make_old(vault / "b.md", hour=2)
    assert notebook.index_now().changed == 0
    notebook.index_now()
    assert found.reads == ["b.md"]


def test_a_note_written_again_within_the_clocks_tick_is_noticed(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, {"a.md": "一。"})
    status = (vault / "a.md").stat()
    notebook = open_notebook()
    notebook.index_now()
    write_notes(vault, {"a.md": "二。"})
    os.utime(vault / "a.md", ns=(0, status.st_mtime_ns))
    assert notebook.index_now().changed == 1


def test_a_note_that_changes_while_it_is_read_stays_as_it_was(vault: Path, watched: tuple[WatchedVault, Notebook]) -> None:
    found, notebook = watched
    write_notes(vault, {"b.md": "两。", "c.md": "三。"})
    found.restless = {"b.md", "c.md"}
    report = notebook.index_now()
    assert [skip.path for skip in report.skipped] == ["b.md", "c.md"]
    assert (report.notes, texts(notebook, "二")[0]) == (2, "二。")
    found.restless = set()
    report = notebook.index_now()
    assert (report.added, report.changed, texts(notebook, "两")[0]) == (1, 1, "两。")


# Embedding


def test_without_the_model_notes_are_found_by_their_words(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook(embedder=FailingEmbedder())
    report = notebook.index_now()
    assert report.notes == 4
    assert [problem.why for problem in report.problems] == ["not embedded yet: the model is out of order"]
    assert hits(notebook, "象棋") == ["chess.md"]


def test_what_was_embedded_before_the_model_failed_is_not_embedded_again(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, {f"{at}.md": f"第{at}句。" for at in range(2 * BATCH)})
    embedder = FailingEmbedder(batches=1)
    notebook = open_notebook(embedder=embedder)
    assert len(notebook.index_now().problems) == 1
    embedder.mend()
    assert notebook.index_now().problems == []
    assert len(embedder.embedded) == len(set(embedder.embedded)) == 2 * BATCH


def test_the_same_words_are_embedded_once(vault: Path, open_notebook: OpenNotebook, embedder: TopicEmbedder) -> None:
    write_notes(vault, {"a/x.md": "一样的话。", "b/x.md": "一样的话。"})
    open_notebook().index_now()
    assert embedder.embedded == ["x\n一样的话。"]


def test_another_model_embeds_everything_anew(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    old, new = TopicEmbedder("old"), TopicEmbedder("new")
    open_notebook(embedder=old).index_now()
    notebook = open_notebook(embedder=new)
    notebook.index_now()
    assert len(new.embedded) == 4
    assert hits(notebook, "knight")[0] == "chess.md"


# What is indexed of a passage


def test_a_passage_is_indexed_under_the_words_above_it() -> None:
    text = "---\ntitle: 模型\n---\n# 模型\n\n## 训练\n\n- 数据\n" + "\n".join(
        f"  - 第{at}条要求，写得很长。" * 9 for at in range(9)
    )
    last = entry_of(passages_of(note_of(text))[-1])
    assert last.words.startswith("模型 › 训练 › 数据\n")
    assert last.indexed.keys[: last.indexed.above].tolist() == keys("模型 › 训练 › 数据")


def test_the_keys_of_a_passage_are_those_of_its_sentences() -> None:
    entry = entry_of(passages_of(note_of("**一句。** 又[一句](https://example.org)！\n\n- 三\n"))[0])
    text = entry.passage.text
    assert [text[start:end] for start, end, _ in entry.indexed.sentences.tolist()] == [
        "**一句。**",
        "又[一句](https://example.org)！",
        "三",
    ]
    assert entry.indexed.keys[entry.indexed.above :].tolist() == keys("一句") + keys("又一句") + keys("三")
    assert [count for _, _, count in entry.indexed.sentences.tolist()] == [3, 5, 1]


def test_passages_with_other_words_have_other_digests() -> None:
    digests = {entry_of(cut).words_digest for cut in passages_of(note_of("# 甲\n\n一。\n\n# 乙\n\n一。\n\n# 乙\n\n一。"))}
    assert len(digests) == 2


def test_the_whole_vault_is_in_the_catalog(data: Path, notebook: Notebook) -> None:
    notebook.close()
    catalog = Catalog(index_file(data))
    assert set(catalog.notes()) == set(HOBBIES)
    assert catalog.is_complete()
    catalog.close()
