"""How long the next card takes with 20,000 cards and 200 people in the database: `python -m tests.benchmarks.quiz`."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from bot.quiz.cards.card import Card
from bot.quiz.router import Quiz
from bot.storage import Database
from bot.types import Page, Person, Place
from tests.benchmarks.made_up import percentile
from tests.bot.quiz.making import card

CARDS, PEOPLE, ROUNDS = 20_000, 200, 200
CARDS_OF_A_NOTE = 40
T = TypeVar("T")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "state.sqlite")
        database = await Database.open_file(file)
        quiz = Quiz(database=database, vault="v")
        started = time.perf_counter()
        for note in range(CARDS // CARDS_OF_A_NOTE):
            await quiz.deck.sync(f"{note:04}.md", cards_of(note))
        rows = fill_schedules(file)
        print(f"{CARDS} cards, {PEOPLE} people, {rows} schedules in {time.perf_counter() - started:.1f} s")
        times = await study(quiz)
        bare = look_up(file)
        times["SELECT 1 by the same way"] = await look_at_nothing(database)
        for name, measured in (*times.items(), ("bare SQLite, due cards", bare)):
            p50, p95 = percentile(measured, 0.5), percentile(measured, 0.95)
            print(f"{name:28} p50 {p50:6.2f} ms  p95 {p95:6.2f} ms  max {max(measured):6.1f} ms")
        ratio = percentile(times["next card"], 0.5) / percentile(times["SELECT 1 by the same way"], 0.5)
        print(f"ratio of the medians, next card to a transaction that does nothing: {ratio:.1f}")
        await database.close()


def cards_of(note: int) -> list[Card]:
    numbers = range(note * CARDS_OF_A_NOTE, (note + 1) * CARDS_OF_A_NOTE)
    return [card(n, id=f"{n:020}", path=f"{note:04}.md", heading=(f"Topic {note}", f"Part {n % 4}")) for n in numbers]


def fill_schedules(file: Path) -> int:
    """Most people have seen five hundred cards, every twentieth nearly all of them."""
    order, now, rows = random.Random(5), datetime.now(UTC), []
    for person in range(PEOPLE):
        seen = CARDS - 30 if person % 20 == 0 else 500
        for number in range(seen):
            due = now + timedelta(days=order.uniform(-2, 60))
            at = due - timedelta(days=10)
            moments = [f"{moment:%Y-%m-%d %H:%M:%S.%f}" for moment in (due, at)]
            rows.append((f"bench:{person}", f"{number:020}", 2, None, 10.0, 5.0, moments[0], moments[1], 0, ""))
    with sqlite3.connect(file) as connection:
        connection.executemany("INSERT INTO schedules VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.close()
    return len(rows)


async def study(quiz: Quiz) -> dict[str, list[float]]:
    """People take turns: a quiz begins, an answer is shown, a rating brings the next card."""
    times: dict[str, list[float]] = {
        "quiz begins": [],
        "quiz of a topic": [],
        "answer shown": [],
        "next card": [],
        "next card, processor": [],
    }
    order = random.Random(9)
    for _ in range(ROUNDS):
        person = Person(platform="bench", id=str(order.randrange(PEOPLE)), language="en")
        place = Place(platform="bench", chat=person.id)
        await timed(times["quiz of a topic"], quiz.command(person, place, f"Topic {order.randrange(20)} 5", "en"))
        page = await timed(times["quiz begins"], quiz.command(person, place, "", "en"))
        shown = await timed(times["answer shown"], quiz.press(person, place, button(page, "a")))
        worked = time.process_time()
        await timed(times["next card"], quiz.press(person, place, button(shown, f"r{order.randrange(1, 5)}")))
        times["next card, processor"].append((time.process_time() - worked) * 1000)
    return times


async def timed(into: list[float], work: Awaitable[T]) -> T:
    started = time.perf_counter()
    result = await work
    into.append((time.perf_counter() - started) * 1000)
    return result


async def look_at_nothing(database: Database) -> list[float]:
    """What a transaction with one statement costs through SQLAlchemy and a thread on this machine now."""
    times: list[float] = []
    for _ in range(ROUNDS):
        await timed(times, database.read(lambda connection: connection.scalar(text("SELECT 1"))))
    return times


def button(page: Page, verb: str) -> str:
    return next(button.data for button in page.buttons if button.data.startswith(f"q:{verb}:"))


def look_up(file: Path) -> list[float]:
    """The same machine, the same file: the ten most overdue cards of a person by the driver alone."""
    times = []
    connection = sqlite3.connect(file)
    for n in range(ROUNDS):
        started = time.perf_counter()
        query = "SELECT card FROM schedules WHERE person = ? AND suspended = '' AND due < ? ORDER BY due LIMIT 10"
        connection.execute(query, (f"bench:{n % PEOPLE}", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}")).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    connection.close()
    return times


if __name__ == "__main__":
    asyncio.run(main())
