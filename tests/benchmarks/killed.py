"""Kills the program at random moments while it answers, quizzes and saves: `python -m tests.benchmarks.killed [KILLS]`.

The index has a benchmark of its own (`crash`), and so has memory (`memory_killed`).
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.storage import Database
from bot.storage.backup import BackupProblem, back_up, verify
from bot.storage.cards import Review, Reviews, Schedule
from tests.bot.making import NOTES, write
from tests.fakes.telegram import FakeTelegram, User

CHANCE = random.Random(14)
LONGEST_S = 120.0
AT = datetime(2026, 3, 1, tzinfo=UTC)
NEW = Schedule(state=1, step=0, stability=1.0, difficulty=5.0, due=AT, last_review=None)


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        print(f"quiz, {kills} kills: {quiz(Path(folder, 'quiz.sqlite'), kills)}", flush=True)
        print(f"backup, {kills} kills: {backup(Path(folder), kills)}", flush=True)
        print(f"answers, {kills} kills: {asyncio.run(answers(Path(folder), kills))}", flush=True)


def whole(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


# The quiz: each review that was said to be kept is there once


def quiz(file: Path, kills: int) -> str:
    said = 0
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.killed", "--review", str(file), str(said)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(CHANCE.uniform(0.0, 0.6))
        process.kill()
        said = max([said, *(int(line) for line in process.stdout.read().split() if line.isdecimal())])
        process.wait()
        process.stdout.close()
    with closing(sqlite3.connect(file)) as database:
        cards = [int(card) for (card,) in database.execute("SELECT card FROM reviews")]
    lost = len(set(range(1, said + 1)) - set(cards))
    return f"{said} reviews, lost {lost}, doubled {len(cards) - len(set(cards))}, unusable {int(not whole(file))}"


async def review_on(file: Path, said: int) -> None:
    """Review one card after the other, from the first that is not there."""
    database = await Database.open_file(file)
    reviews = Reviews(database)
    there = len(await reviews.log("telegram:1"))
    print("begun", flush=True)
    for number in range(max(there, said) + 1, 10**6):
        review = Review(person="telegram:1", card=str(number), rating=3, at=AT)
        await reviews.record(review, replace(NEW, last_review=AT))
        print(number, flush=True)


# The backup: the file is the old one or the new one, and whole


def backup(folder: Path, kills: int) -> str:
    data, target, unusable = folder / "data", folder / "backup.sqlite", 0
    live = data / "state.sqlite"
    asyncio.run(_filled(live))
    began = time.monotonic()
    back_up(live, target)
    seconds = time.monotonic() - began
    command = [sys.executable, "-c", "import sys, pathlib; from bot.storage.backup import back_up\nprint(flush=True)\n"]
    command[-1] += "back_up(*map(pathlib.Path, sys.argv[1:]))"
    for _ in range(kills):
        process = subprocess.Popen([*command, str(live), str(target)], stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        time.sleep(CHANCE.uniform(0.0, 1.2 * seconds))
        process.kill()
        process.wait()
        process.stdout.close()
        try:
            verify(target, name=target)
        except BackupProblem:
            unusable += 1
    back_up(live, target)
    drafts = [file.name for file in folder.iterdir() if "draft" in file.name]
    return f"unusable {unusable + int(not whole(live))}, left over {len(drafts)} ({seconds:.2f} s without a kill)"


async def _filled(file: Path) -> None:
    database = await Database.open_file(file)
    row = "INSERT INTO place_settings VALUES (?, '{\"pad\": \"' || hex(randomblob(2000)) || '\"}', '2026-03-01')"
    await database.write(lambda connection: [connection.exec_driver_sql(row, (str(number),)) for number in range(10_000)])
    await database.close()


# Answers: every question is answered once, by a bot that is killed again and again


async def answers(folder: Path, kills: int) -> str:
    notes, data = write(folder / "notes", NOTES), folder / "bot"
    async with FakeTelegram() as telegram:
        alice = telegram.world.person("Alice")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NOTESBOT_")},
            "NOTESBOT_TELEGRAM__TOKEN": telegram.token,
            "NOTESBOT_TELEGRAM__API_URL": telegram.url,
            "NOTESBOT_TELEGRAM__ADMINS": f"[{alice.id}]",
        }
        command = (sys.executable, "-m", "bot", "run", "--notes", str(notes), "--data", str(data))
        asked = 0
        for _ in range(kills):
            bot = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
            for _ in range(3):
                asked += 1
                telegram.world.says(alice, alice, f"粥要煮多久？第 {asked} 次问")
            before = len(telegram.received)
            await telegram.until(lambda before=before: len(telegram.received) > before, seconds=LONGEST_S)
            await asyncio.sleep(CHANCE.uniform(0.0, 4.0))
            bot.kill()
            await bot.wait()
        bot = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        while len(_complete(telegram, alice)) < asked and time.monotonic() - began < LONGEST_S:
            await asyncio.sleep(0.2)
        await asyncio.sleep(2.0)
        bot.terminate()
        await bot.wait()
        found = len(_complete(telegram, alice))
        stray = len([one for one in telegram.read(alice) if one.by == "Notes" and one.text == "…"])
    usable = whole(data / "state.sqlite")
    counts = f"lost {max(0, asked - found)}, doubled {max(0, found - asked)}, unusable {int(not usable)}"
    return f"{asked} questions, {counts} (beginnings that no kill let end: {stray})"


def _complete(telegram: FakeTelegram, person: User) -> list[str]:
    return [one.text for one in telegram.read(person) if one.by == "Notes" and one.text != "…"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--review"]:
        asyncio.run(review_on(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        main()
