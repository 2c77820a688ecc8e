"""Kills an indexing run at random moments and looks at what the next start finds: `python -m tests.benchmarks.crash [KILLS]`."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.made_up import write_vault

NOTES = 2000
PATIENCE_S = 3.0


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder, "notes")
        write_vault(vault, NOTES, sections=2)
        started = time.perf_counter()
        whole = contents(vault, Path(folder, "whole"))
        seconds = time.perf_counter() - started
        print(f"{NOTES} notes, {len(whole)} passages, indexed without a kill in {seconds:.1f} s")
        wrong = unusable = orphans = 0
        chance = random.Random(0)
        for round_ in range(kills):
            data = Path(folder, f"data{round_}")
            moment = chance.uniform(0.1, seconds)
            orphans += kill_after(vault, data, moment)
            between = searched(vault, data)
            found = contents(vault, data)
            unusable += not between
            wrong += found != whole
            print(f"killed after {moment:5.1f} s: {'ok' if between and found == whole else 'BROKEN'}", flush=True)
        print(f"{kills} kills: index unusable {unusable}, wrong or stale after the next start {wrong}, orphans {orphans}")


def index(vault: Path, data: Path) -> list[str]:
    return [sys.executable, "-m", "bot", "index", "--json", "--notes", str(vault), "--data", str(data)]


def kill_after(vault: Path, data: Path, seconds: float) -> int:
    """How many of its children lived on for more than `PATIENCE_S`."""
    process = subprocess.Popen(index(vault, data), stdout=subprocess.DEVNULL)
    time.sleep(seconds)
    children = children_of(process.pid)
    process.kill()
    process.wait()
    ends = time.monotonic() + PATIENCE_S
    while any(child.exists() for child in children) and time.monotonic() < ends:
        time.sleep(0.05)
    return sum(child.exists() for child in children)


def children_of(process: int) -> list[Path]:
    """By their folders, where the system has such."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [Path("/proc", child) for file in lists for child in file.read_text().split()]


def contents(vault: Path, data: Path) -> set[tuple[object, ...]]:
    """Run the index to its end; everything that a search can see of it, embedded or not."""
    subprocess.run(index(vault, data), check=True, stdout=subprocess.DEVNULL)
    (file,) = data.glob("notes/*/index-*.sqlite")
    with sqlite3.connect(file) as database:
        query = """SELECT p.id, p.path, p.start, p.stop, p.digest, v.vector FROM passages p
                   JOIN vectors v ON v.words_digest = p.words_digest"""
        return set(database.execute(query))


def searched(vault: Path, data: Path) -> bool:
    """What a person sees who asks right after the crash, before anybody indexes on purpose."""
    command = [sys.executable, "-m", "bot", "search", "--json", "--notes", str(vault), "--data", str(data), "模型需要什么"]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    return result.returncode == 0 and bool(json.loads(result.stdout)["passages"])


if __name__ == "__main__":
    main()
