"""Kills the bot's memory at random moments while it summarises: `python -m tests.benchmarks.memory_killed [KILLS]`.

A process says one turn after the other and summarises them with a slow model; it is killed, started again, killed again. At
the end: turns that were stored but are in no archive or summary, turns or parts in more than one, items kept twice.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bot.settings import MemorySettings
from tests.bot.memory.making import ANN, BOB, GROUP, KeepingModel, Talk, home

SETTINGS = MemorySettings(quiet_s=0, frame=3, items=10_000)


class SlowModel(KeepingModel):
    async def window(self) -> int:
        await asyncio.sleep(0.02)
        return 4096


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "state.sqlite")
        lived = [kill_after(file, random.Random(number).uniform(0.0, 1.5)) for number in range(kills)]
        print(f"killed {kills} times, {min(lived):.2f} to {max(lived):.2f} s after the first turn; turns stored: {stored(file)}")
        print(", ".join(f"{name}: {count}" for name, count in asyncio.run(outcome(file)).items()))


def kill_after(file: Path, seconds: float) -> float:
    """Start a process that talks, and kill it so long after its first turn."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.memory_killed", "--talk", str(file)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    started = time.monotonic()
    time.sleep(seconds)
    process.kill()
    process.wait()
    process.stdout.close()
    return time.monotonic() - started


async def talk_on(file: Path) -> None:
    talk = await Talk.open(file, model=SlowModel(), settings=SETTINGS)
    worker = asyncio.ensure_future(talk.memory.work(asyncio.Event()))
    for number in range(10_000):
        unique = f"{time.time_ns()}"
        person, place = ((ANN, GROUP), (BOB, GROUP), (ANN, home(ANN)))[number % 3]
        await talk.say(person, place, f"记住：编号 {unique} 是第 {number} 个。什么是梯度？", settle=False)
        print(number, flush=True)
        await asyncio.sleep(0.03)
    await worker


async def outcome(file: Path) -> dict[str, int]:
    """Let the work be finished; what was lost or doubled."""
    talk = await Talk.open(file, model=KeepingModel(), settings=SETTINGS)
    await talk.memory.settle()
    await talk.close()
    database = sqlite3.connect(file)
    rows = {name: database.execute(query).fetchall() for name, query in QUERIES.items()}
    integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
    database.close()
    twice = Counter(rows.pop("items"))
    spans = rows.pop("frames")
    return {
        **{name: len(found) for name, found in rows.items()},
        "items doubled": sum(count > 1 for count in twice.values()),
        "frames of too many turns": sum(count > SETTINGS.frame for (count,) in spans),
        "database broken": int(integrity != "ok"),
    }


def stored(file: Path) -> int:
    database = sqlite3.connect(file)
    count = int(database.execute("SELECT count(*) FROM turns").fetchone()[0])
    database.close()
    return count


QUERIES = {
    "turns not in the archive": "SELECT id FROM turns WHERE id NOT IN (SELECT turn FROM memory_turns)",
    "turns in no frame": f"""SELECT turn FROM memory_turns m WHERE frame IS NULL AND {SETTINGS.frame} <=
        (SELECT count(*) FROM memory_turns o WHERE o.place = m.place AND o.frame IS NULL)""",
    "turns without their item": "SELECT id FROM turns WHERE id NOT IN (SELECT turn FROM memory_item_turns)",
    "summaries of nothing": """SELECT id FROM memory_summaries s WHERE NOT EXISTS (SELECT 1 FROM memory_turns WHERE frame = s.id)
        AND NOT EXISTS (SELECT 1 FROM memory_summaries WHERE parent = s.id)""",
    "summaries doubled": "SELECT text FROM memory_summaries GROUP BY place, level, text HAVING count(*) > 1",
    "items": "SELECT person, chat, text FROM memory_items",
    "frames": "SELECT count(*) FROM memory_turns WHERE frame IS NOT NULL GROUP BY frame",
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--talk"]:
        asyncio.run(talk_on(Path(sys.argv[2])))
    else:
        main()
