"""What a kill at any moment leaves behind is taken up by the next start."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from knowledge.catalog import Catalog
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from knowledge.types import Passage
from knowledge.vectors import HashedNgrams
from knowledge.vectors.chroma import BATCH
from tests.knowledge.notebook.asking import hits, index_file
from tests.knowledge.notebook.chroma_on_disk import vectors_in_catalog, vectors_in_chroma
from tests.knowledge.writing import write_notes

NOTES = 200
REPOSITORY = Path(__file__).parents[3]
Contents = dict[str, tuple[Passage, list[int], list[float]]]

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="kills a group of processes")


@pytest.fixture
def vault(vault: Path) -> Path:
    write_notes(
        vault, {f"{at % 7}/{at}.md": f"# 第{at}篇\n\n讲第{at}件事。\n\n# 续\n\n再讲第{at * 7}件。\n" for at in range(NOTES)}
    )
    return vault


@contextmanager
def running(vault: Path, data: Path) -> Iterator[subprocess.Popen[str]]:
    """An indexing process with all that it starts; killed at the end, by a signal that nobody can catch."""
    command = [sys.executable, "-m", "tests.knowledge.notebook.indexing_process", str(vault), str(data)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def kill_at(vault: Path, data: Path, step: str, *, later: float = 0.0) -> None:
    """Let an indexing process come to `step`, and kill it there or `later` seconds after."""
    with running(vault, data) as process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith(step):
                break
        time.sleep(later)


def index(vault: Path, data: Path) -> None:
    with closing(Notebook(Vault(vault), data)) as notebook:
        notebook.index_now()


def contents(data: Path) -> Contents:
    """Everything that a search sees, by the ids of the passages."""
    with closing(Catalog(index_file(data))) as catalog:
        assert catalog.check() == "ok"
        rows = catalog.rows().tolist()
        indexed, vectors = catalog.indexed(rows), vectors_by_row(catalog)
        return {
            passage.id: (passage, indexed[row].keys.tolist(), vectors[row]) for row, passage in catalog.passages(rows).items()
        }


def vectors_by_row(catalog: Catalog) -> dict[int, list[float]]:
    return {row: vector.tolist() for row, vector, _ in catalog.vectors(HashedNgrams.name, catalog.rows().tolist())}


@pytest.fixture
def whole(vault: Path, tmp_path: Path) -> Contents:
    """What the index of the vault holds when nobody is killed."""
    index(vault, tmp_path / "whole")
    return contents(tmp_path / "whole")


@pytest.mark.parametrize("moment", range(5))
def test_an_index_killed_in_the_making_is_finished_by_the_next_run(vault: Path, data: Path, whole: Contents, moment: int) -> None:
    chance = random.Random(moment)
    steps = (f"notes {chance.randrange(1, NOTES)} ", f"vectors {32 * chance.randrange(1, 12)} ")
    kill_at(vault, data, steps[moment % 2], later=chance.uniform(0, 0.01))
    with closing(Notebook(Vault(vault), data)) as notebook:
        assert hits(notebook, "讲第0件事")
    index(vault, data)
    assert contents(data) == whole


def test_an_index_killed_again_and_again_while_notes_change_is_as_good_as_a_new_one(
    vault: Path, data: Path, tmp_path: Path
) -> None:
    chance = random.Random(0)
    for number in range(4):
        changed = {f"{at % 7}/{at}.md": f"# 第{at}篇\n\n改过{number}次。\n" for at in chance.sample(range(NOTES), 60)}
        write_notes(vault, changed)
        (vault / f"{number}/{number}.md").unlink(missing_ok=True)
        kill_at(vault, data, f"notes {chance.randrange(1, 50)} ")
    index(vault, data)
    index(vault, tmp_path / "new")
    assert contents(data) == contents(tmp_path / "new")


async def test_chroma_killed_while_it_is_fed_is_whole_after_the_next_start(vault: Path, data: Path) -> None:
    for file in sorted(vault.rglob("*.md"))[BATCH // 2 :]:
        file.unlink()  # closing the notebook waits for one batch
    kill_at(vault, data, "chroma", later=1.3)
    with closing(Notebook(Vault(vault), data)) as notebook:
        notebook.index_now()
        await notebook.use_chroma()
    assert vectors_in_chroma(data) == vectors_in_catalog(index_file(data), HashedNgrams.name)
