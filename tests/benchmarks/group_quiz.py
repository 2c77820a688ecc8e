"""Thirty people answer at once while the program is killed: `python -m tests.benchmarks.group_quiz [KILLS]`.

A child process holds a group quiz and takes answers; it is killed (SIGKILL) in the middle and started again, until all answers
are in. What a person was told is noted must be in the database once, with one review.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from bot.quiz.router import Quiz
from bot.storage import Database
from bot.types import Delivery, Page, Person, Place
from tests.bot.quiz.making import card

PEOPLE, KILLS = 30, 5
PLACE = Place(platform="bench", chat="-1", private=False)


class Shown:
    """The pages of the group, in order."""

    def __init__(self) -> None:
        self.pages: asyncio.Queue[Page] = asyncio.Queue()

    def is_ready(self, place: Place) -> bool:
        return True

    async def deliver(self, place: Place, page: Page) -> Delivery:
        await self.pages.put(page)
        return Delivery.DELIVERED


async def hold(folder: Path) -> None:
    """The child: print the first question's buttons, then press for every person named on a line of the input, all at once."""
    database = await Database.open_file(folder / "state.sqlite")
    quiz = Quiz(database=database, vault="v", seconds=600)
    shown = Shown()
    await quiz.groups.serve(shown)
    if not await quiz.desk.groups.going_on():
        await quiz.deck.sync("rag.md", [card(number) for number in range(1, 9)])
        await quiz.command(Person(platform="bench", id="0"), PLACE, "group 3", "en")
    page = await shown.pages.get()
    print("ready", flush=True)
    people = (await asyncio.to_thread(sys.stdin.readline)).split()
    await asyncio.gather(*(press(quiz, page, number) for number in people for _ in range(2)))
    print("done", flush=True)
    await quiz.groups.close()
    await database.close()


async def press(quiz: Quiz, page: Page, number: str) -> None:
    person = Person(platform="bench", id=number, name=f"P{number}", language="en")
    told = await quiz.press(person, PLACE, page.buttons[int(number) % len(page.buttons)].data)
    print(number, told.notice, flush=True)


async def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    order, lost, doubled, killed = random.Random(time.time_ns()), 0, 0, 0
    for _ in range(kills):
        with tempfile.TemporaryDirectory() as folder:
            noted = set(await run(Path(folder), kill_after=order.uniform(0.005, 0.3)))
            killed += len(noted) < PEOPLE
            noted |= set(await run(Path(folder)))
            answers, reviews = kept(Path(folder))
            lost += len({f"bench:{number}" for number in noted} - answers.keys()) + (PEOPLE - len(answers))
            doubled += sum(count != 1 for count in reviews.values()) + sum(count != 1 for count in answers.values())
            assert answers.keys() == reviews.keys()
    print(f"{kills} rounds, {killed} killed before everybody was noted: {lost} answers lost, {doubled} counted twice")
    sys.exit(bool(lost or doubled))


async def run(folder: Path, *, kill_after: float | None = None) -> list[str]:
    """Start the child and have everybody answer; the numbers of those who were told that it is noted, now or before."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.group_quiz", "hold", str(folder)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    await process.stdout.readline()
    process.stdin.write((" ".join(map(str, range(1, PEOPLE + 1))) + "\n").encode())
    await process.stdin.drain()
    if kill_after is not None:
        await asyncio.sleep(kill_after)
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
    out = (await process.communicate())[0].decode()
    return [line.split()[0] for line in out.splitlines() if "Noted" in line or "already" in line]


def kept(folder: Path) -> tuple[dict[str, int], dict[str, int]]:
    """How many answers and reviews each person has."""
    connection = sqlite3.connect(folder / "state.sqlite")
    answers = dict(connection.execute("SELECT person, count(*) FROM group_answers GROUP BY person").fetchall())
    reviews = dict(connection.execute("SELECT person, count(*) FROM reviews GROUP BY person").fetchall())
    connection.close()
    return answers, reviews


if __name__ == "__main__":
    asyncio.run(hold(Path(sys.argv[2])) if sys.argv[1:2] == ["hold"] else main())
