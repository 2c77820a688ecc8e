from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from knowledge.catalog import Catalog
from knowledge.notebook import Notebook
from knowledge.vectors import HashedNgrams, VectorsBroken, VectorsTaken
from knowledge.vectors.chroma import ChromaProcess, Job
from tests.benchmarks.made_up import write_vault
from tests.knowledge.embedders import TopicEmbedder, topics_in
from tests.knowledge.notebook.asking import HOBBIES, hits, index_file, wait_until
from tests.knowledge.notebook.chroma_on_disk import is_made, vectors_in_catalog, vectors_in_chroma
from tests.knowledge.writing import write_notes

OpenNotebook = Callable[..., Notebook]


@pytest.fixture
def job(vault: Path, data: Path, open_notebook: OpenNotebook, embedder: TopicEmbedder) -> Job:
    """Four notes, indexed, for Chroma to take up."""
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    notebook.close()
    return Job(folder=data / "chroma", collection="notes", catalog=index_file(data), model=embedder.name)


@pytest.fixture
def start(job: Job) -> Iterator[Callable[[], ChromaProcess]]:
    """Starts the process, as often as one wants."""
    started: list[ChromaProcess] = []

    def start() -> ChromaProcess:
        started.append(ChromaProcess(job))
        return started[-1]

    yield start
    for apart in started:
        apart.close()


def found(apart: ChromaProcess, catalog: Catalog, question: str) -> str:
    """The note that is nearest."""
    ((row, _),) = apart.nearest(topics_in(question), 1)
    return catalog.passages([row])[row].path


def test_a_process_apart_is_fed_answers_and_takes_up_what_changes(
    job: Job, vault: Path, start: Callable[[], ChromaProcess], open_notebook: OpenNotebook
) -> None:
    apart = start()
    wait_until(apart.is_ready)
    with closing(Catalog(job.catalog)) as catalog:
        assert [found(apart, catalog, question) for question in ("violin", "cloud")] == ["music.md", "weather.md"]
        write_notes(vault, {"strings.md": "violin violin violin violin"})
        (vault / "music.md").unlink()
        open_notebook().index_now()
        apart.feed()
        wait_until(lambda: found(apart, catalog, "violin") == "strings.md")


def test_a_second_process_is_told_that_the_folder_is_taken(start: Callable[[], ChromaProcess]) -> None:
    first = start()
    wait_until(first.is_ready)
    second = start()
    with pytest.raises(VectorsTaken):
        wait_until(second.is_ready)
    assert len(first.nearest(topics_in("violin"), 4)) == 4


def test_a_process_that_dies_is_told(start: Callable[[], ChromaProcess]) -> None:
    apart = start()
    wait_until(apart.is_ready)
    kill_chroma()
    with pytest.raises(VectorsBroken):
        apart.nearest(topics_in("violin"), 1)


def kill_chroma() -> None:
    for process in chroma_processes():
        process.kill()
    wait_until(lambda: not chroma_processes())


def chroma_processes() -> list[BaseProcess]:
    return [process for process in active_children() if process.name == "notesbot-chroma"]


# The notebook with Chroma


async def test_a_second_notebook_finds_without_chroma(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    first, second = open_notebook(), open_notebook()
    first.index_now()
    for notebook in (first, second):
        await notebook.use_chroma()
        hits(notebook, "knight")
    wait_until(lambda: len(chroma_processes()) == 1)
    assert hits(first, "knight")[0] == hits(second, "knight")[0] == "chess.md"
    write_notes(vault, {"strings.md": "violin violin violin violin"})
    assert first.index_now().added + second.index_now().added == 1
    assert hits(second, "小提琴")[0] == "music.md"


async def test_a_death_of_chroma_is_not_felt(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    await notebook.use_chroma()
    kill_chroma()
    write_notes(vault, {"strings.md": "violin violin violin violin"})
    assert notebook.index_now().added == 1
    assert hits(notebook, "knight")[0] == "chess.md"


def delete(data: Path) -> None:
    shutil.rmtree(data / "chroma")


def mark_busy(data: Path) -> None:
    """As a process leaves it that was killed while it wrote."""
    (data / "chroma.busy").touch()
    for file in (data / "chroma").rglob("*.bin"):
        file.write_bytes(b"half written")


@pytest.mark.parametrize("damage", [delete, mark_busy])
async def test_a_lost_chroma_folder_is_fed_anew_with_nothing_embedded_again(
    vault: Path, data: Path, open_notebook: OpenNotebook, embedder: TopicEmbedder, damage: Callable[[Path], None]
) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    await notebook.use_chroma()
    wait_until(lambda: is_made(data))
    notebook.close()
    damage(data)
    again = open_notebook()
    await again.use_chroma()
    assert hits(again, "knight")[0] == "chess.md"
    wait_until(lambda: is_made(data))
    again.close()
    assert len(embedder.embedded) == 4
    assert vectors_in_chroma(data) == vectors_in_catalog(index_file(data), embedder.name)


async def test_a_folder_whose_vectors_were_cut_off_is_fed_anew(vault: Path, data: Path, open_notebook: OpenNotebook) -> None:
    write_vault(vault, 300)
    notebook = open_notebook(embedder=HashedNgrams())
    notebook.index_now()
    notebook.close()
    job = Job(folder=data / "chroma", collection="notes", catalog=index_file(data), model=HashedNgrams.name)
    with started(job):
        pass
    (vectors,) = job.folder.rglob("data_level0.bin")
    with vectors.open("r+b") as file:
        file.truncate(vectors.stat().st_size // 2)
    with closing(Catalog(job.catalog)) as catalog, started(job) as apart:
        rows = catalog.rows().tolist()[::25]
        for row, vector, _ in catalog.vectors(job.model, rows):
            ((_, similarity),) = apart.nearest(vector, 1)
            assert similarity > 0.99, row


@contextmanager
def started(job: Job) -> Iterator[ChromaProcess]:
    """Open and fed."""
    apart = ChromaProcess(job)
    try:
        wait_until(apart.is_ready)
        yield apart
    finally:
        apart.close()
