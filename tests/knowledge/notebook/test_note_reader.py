"""A note that never ends, or takes the process that reads it down, is skipped and named, and the rest goes on."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.index.note_reader import NoteSource, ProcessReader, ReadNote, WantedNote
from knowledge.notebook import Notebook
from knowledge.notes import Vault, VaultProblem
from knowledge.passages import SplitLimits
from knowledge.types import Note, Skipped
from tests.conftest import REPOSITORY
from tests.knowledge.writing import write_notes

OpenNotebook = Callable[..., Notebook]
LIMIT_S = 2.0


class HostileVault(Vault):
    """Some of its notes never end, in a call that keeps the interpreter's lock, or end the process."""

    def read(self, path: str) -> Note | Skipped:
        if path.endswith("endless.md"):
            sum(range(10**15))
        if path.endswith("deadly.md"):
            os.abort()
        if path.endswith("swelling.md"):
            return [bytearray(2**28) for _ in range(100)]  # type: ignore[return-value]
        return super().read(path)


@pytest.fixture
def notebook(vault: Path, open_notebook: OpenNotebook) -> Notebook:
    write_notes(vault, {f"{number:02}.md": f"# 第 {number} 篇\n\n内容。" for number in range(40)} | {"aliases.yaml": ""})
    notebook = open_notebook(limit_s=LIMIT_S)
    notebook.vault = HostileVault(vault)
    notebook._reader_of_notes = ProcessReader(NoteSource(vault=notebook.vault, limits=SplitLimits()), LIMIT_S)
    return notebook


def test_a_process_reads_what_this_process_would(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, {"a.md": "---\naliases: [甲]\n---\n# 标题\n\n" + "一句话。\n\n" * 900, "空.md": "", "b.txt": "词（word）"})
    here, apart = open_notebook(), Notebook(Vault(vault), vault.parent / "apart", limit_s=60)
    try:
        reports = [notebook.index_now() for notebook in (here, apart)]
        assert [(report.notes, report.passages, report.skipped) for report in reports] == [(3, reports[0].passages, [])] * 2
        assert asyncio.run(here.passages()) == asyncio.run(apart.passages())
        assert asyncio.run(here.aliases()) == asyncio.run(apart.aliases())
    finally:
        apart.close()


NEEDS_LIMITS = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system tells no process what it takes")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("10 endless.md", "takes longer than 2 s"),
        ("10 deadly.md", "ends the process"),
        pytest.param("10 swelling.md", "takes more than 1,024 MB of memory", marks=NEEDS_LIMITS),
    ],
)
def test_one_hostile_note_among_many_is_skipped_and_named(vault: Path, notebook: Notebook, name: str, why: str) -> None:
    write_notes(vault, {name: "x"})
    report = notebook.index_now()
    assert (report.notes, [skipped.path for skipped in report.skipped]) == (40, [name])
    assert why in report.skipped[0].why
    assert [skipped.path for skipped in asyncio.run(notebook.refused())] == [name]
    assert notebook._reader_of_notes.process is None


def test_it_is_tried_again_when_it_has_changed_and_not_before(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {"deadly.md": "x"})
    first, second = notebook.index_now(), notebook.index_now()
    assert [skipped.path for skipped in (*first.skipped, *second.skipped)] == ["deadly.md"] * 2
    notebook._reader_of_notes = ProcessReader(NoteSource(vault=Vault(vault), limits=SplitLimits()), LIMIT_S)
    assert notebook.index_now().notes == 40
    write_notes(vault, {"deadly.md": "harmless now"})
    assert notebook.index_now().notes == 41
    assert asyncio.run(notebook.refused()) == []


def test_a_note_that_became_hostile_is_found_no_more(vault: Path, notebook: Notebook) -> None:
    notebook.index_now()
    (vault / "07.md").rename(vault / "07 deadly.md")
    report = notebook.index_now()
    assert (report.notes, report.removed) == (39, 1)


async def test_the_event_loop_never_waits_for_it(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {"10 endless.md": "x"})
    indexing = asyncio.create_task(notebook.index())
    ticks = 0
    while not indexing.done():
        ticks += 1
        await asyncio.sleep(0.01)
    assert ticks > 50  # a loop that stands still ticks once


async def test_who_cancels_need_not_wait_for_it(vault: Path, notebook: Notebook) -> None:
    write_notes(vault, {"00 endless.md": "x"})
    notebook._reader_of_notes = ProcessReader(NoteSource(vault=notebook.vault, limits=SplitLimits()), 600)
    indexing = asyncio.create_task(notebook.index())
    while not notebook._reader_of_notes.process:
        await asyncio.sleep(0.01)
    indexing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await indexing
    assert notebook._reader_of_notes.process is None


def test_no_process_is_started_when_nothing_changed(vault: Path, notebook: Notebook) -> None:
    os.utime(vault)
    for file in vault.iterdir():
        os.utime(file, (time.time() - 3600, time.time() - 3600))
    notebook.index_now()
    notebook._reader_of_notes = NoReader()
    assert notebook.index_now().notes == 40


class NoReader:
    """Is asked for nothing."""

    def read_all(self, wanted: list[WantedNote], still_wanted: Callable[[], None]) -> ReadNote:
        assert wanted == []
        yield from ()


def test_a_large_note_has_more_time(vault: Path) -> None:
    reader = ProcessReader(NoteSource(vault=Vault(vault), limits=SplitLimits()), 10)
    assert reader.limit_of(WantedNote(path="a.md", size=3_000_000)) == 70


SCRIPT = """
import sys
from pathlib import Path
from knowledge.notebook import Notebook
from knowledge.notes import Vault

notebook = Notebook(Vault(Path(sys.argv[1])), Path(sys.argv[2]), limit_s=60)
report = notebook.index_now()
print("indexed", report.notes, report.skipped)
notebook.close()
"""


def test_a_script_without_a_guard_for_processes_indexes_notes(vault: Path, data: Path, tmp_path: Path) -> None:
    write_notes(vault, {"a.md": "# 一\n\n内容。", "b.md": "words"})
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "numpy.py").write_text("raise SystemExit('a file beside the notes was taken for a module')", encoding="utf-8")
    command = [sys.executable, "-P", str(script), str(vault), str(data)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("indexed 2 []\n", "")


class BarredVault(Vault):
    """Cannot be handed over to another process."""

    def __reduce__(self) -> tuple[object, ...]:
        return (sys.exit, ("the machine has no room",))


def test_a_process_that_does_not_start_is_one_error_and_no_note_s_fault(vault: Path, notebook: Notebook) -> None:
    notebook._reader_of_notes = ProcessReader(NoteSource(vault=BarredVault(vault), limits=SplitLimits()), LIMIT_S)
    with pytest.raises(VaultProblem, match="does not start: the machine has no room"):
        notebook.index_now()
    assert asyncio.run(notebook.refused()) == []
    notebook._reader_of_notes = ProcessReader(NoteSource(vault=Vault(vault), limits=SplitLimits()), LIMIT_S)
    assert notebook.index_now().notes == 40


HANGING = """
import sys
from pathlib import Path
from knowledge.index.note_reader import NoteSource, ProcessReader, WantedNote
from knowledge.passages import SplitLimits
from tests.knowledge.notebook.test_note_reader import HostileVault

reader = ProcessReader(NoteSource(vault=HostileVault(Path(sys.argv[1])), limits=SplitLimits()), 2.0)
wanted = [WantedNote(path="good.md", size=1), WantedNote(path="endless.md", size=1)]
for read in reader.read_all(wanted, lambda: None):
    print(reader.process._process.pid, flush=True)
"""


@NEEDS_LIMITS
def test_a_process_that_hangs_outlives_a_kill_of_the_one_who_waits_by_seconds_only(vault: Path) -> None:
    write_notes(vault, {"good.md": "x", "endless.md": "x"})
    command = [sys.executable, "-c", HANGING, str(vault)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as waiting:
        child = Path("/proc", waiting.stdout.readline().strip())
        waiting.kill()
    ends = time.monotonic() + 30
    while child.exists() and child.joinpath("stat").read_text().split(")")[-1].split()[0] != "Z" and time.monotonic() < ends:
        time.sleep(0.05)
    assert time.monotonic() < ends
