from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from bot.cli.watch import follow
from knowledge.notebook import IndexReport, Notebook
from knowledge.notes import Vault, VaultProblem
from knowledge.types import Note, Skipped
from tests.bot.making import write


@pytest.fixture
def many(vault: Path) -> Path:
    return write(vault, {f"{n}.md": f"# 笔记 {n}\n\n第 {n} 条。\n" for n in range(30)})


async def test_reading_reports_and_shows_its_progress(many: Path, data: Path) -> None:
    notebook, seen = Notebook(Vault(many), data), []
    report = await notebook.index(lambda stage, done, total: seen.append((stage, done, total)))
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

    reading = asyncio.create_task(notebook.index(wait_at_the_third))
    await begun.wait()
    reading.cancel()
    await asyncio.sleep(0)
    assert not reading.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await notebook.size() == (4, 4)
    report = await notebook.index()
    assert (report.notes, report.added) == (30, 26)
    notebook.close()


async def test_following_that_is_cancelled_leaves_no_thread_reading(many: Path, data: Path) -> None:
    begun, go_on, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    class Held(Vault):
        seen = 0

        def read(self, path: str) -> Note | Skipped:
            self.seen += 1
            if self.seen == 3:
                loop.call_soon_threadsafe(begun.set)
                go_on.wait()
            return super().read(path)

    async def tell(_: IndexReport) -> None:
        raise AssertionError("it was not read to the end")

    notebook = Notebook(Held(many), data)
    following = asyncio.create_task(follow(notebook, 1, tell))
    await begun.wait()
    following.cancel()
    await asyncio.sleep(0)
    waits = not following.done()
    go_on.set()
    assert waits
    with pytest.raises(asyncio.CancelledError):
        await following
    assert await notebook.size() == (3, 3)
    notebook.close()


async def test_a_folder_that_cannot_be_read_is_a_problem_as_ever(tmp_path: Path, data: Path) -> None:
    notebook = Notebook(Vault(tmp_path / "gone"), data)
    with pytest.raises(VaultProblem):
        await notebook.index()
    notebook.close()
