from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from bot.cli.reading import read_notes
from knowledge.notebook import Notebook
from knowledge.notes import Vault, VaultProblem
from tests.bot.making import write


@pytest.fixture
def many(vault: Path) -> Path:
    return write(vault, {f"{n}.md": f"# 笔记 {n}\n\n第 {n} 条。\n" for n in range(30)})


async def test_reading_reports_and_shows_its_progress(many: Path, data: Path) -> None:
    notebook, seen = Notebook(Vault(many), data), []
    report = await read_notes(notebook, lambda stage, done, total: seen.append((stage, done, total)))
    assert (report.notes, report.added) == (30, 30)
    assert ("notes", 30, 30) in seen
    notebook.close()


async def test_reading_that_is_cancelled_ends_after_the_note_at_hand_and_goes_on_the_next_time(many: Path, data: Path) -> None:
    notebook, begun, go_on = Notebook(Vault(many), data), asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def wait_at_the_third(stage: str, done: int, total: int) -> None:
        if done == 3:
            loop.call_soon_threadsafe(begun.set)
            go_on.wait()

    reading = asyncio.create_task(read_notes(notebook, wait_at_the_third))
    await begun.wait()
    reading.cancel()
    await asyncio.sleep(0)
    assert not reading.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await notebook.size() == (4, 4)
    report = await read_notes(notebook)
    assert (report.notes, report.added) == (30, 26)
    notebook.close()


async def test_a_folder_that_cannot_be_read_is_a_problem_as_ever(tmp_path: Path, data: Path) -> None:
    notebook = Notebook(Vault(tmp_path / "gone"), data)
    with pytest.raises(VaultProblem):
        await read_notes(notebook)
    notebook.close()
