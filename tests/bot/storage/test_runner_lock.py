"""One database has one runner, from whatever folder it is reached, and as long as that one lives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.storage import Database, RunnerLock
from tests.bot.cli.running import REPOSITORY

HOLDING = """
import asyncio, sys, pathlib
from bot.storage import Database, RunnerLock
async def hold():
    database = await Database.open_file(pathlib.Path(sys.argv[1]))
    lock = RunnerLock(database)
    print(await lock.take(), flush=True)
    await asyncio.sleep(60)
asyncio.run(hold())
"""


async def test_a_second_runner_is_refused_until_the_first_is_done(data: Path) -> None:
    one, other = [await Database.open_file(data / "state.sqlite") for _ in range(2)]
    first, second = RunnerLock(one), RunnerLock(other)
    assert [await first.take(), await second.take()] == [True, False]
    await first.release()
    assert await second.take()
    await second.release()
    await one.close()
    await other.close()


async def test_the_lock_is_the_database_s_by_whatever_name_and_ends_with_a_kill(data: Path, tmp_path: Path) -> None:
    file = data / "state.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(file)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        link = tmp_path / "elsewhere.sqlite"
        link.symlink_to(file)
        database = await Database.open_file(link)
        lock = RunnerLock(database)
        assert not await lock.take()
        process.kill()
        process.wait()
        assert await lock.take()
        await lock.release()
        await database.close()


async def test_a_database_in_memory_has_no_other_runner() -> None:
    database = await Database.open("sqlite://")
    assert await RunnerLock(database).take()
    await database.close()
