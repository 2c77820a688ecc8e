"""What the ledger costs an event, with 100,000 rows in it: `python -m tests.benchmarks.ledger`. The baseline is an empty one."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.storage import Database, Event, Ledger, arrival
from bot.types import Place
from tests.benchmarks.made_up import percentile

ROWS = 100_000
EVENTS = 500
AT_ONCE = 50


def events(first: int, count: int) -> list[Event]:
    places = [Place(platform="telegram", chat=str(chat), private=False) for chat in range(200)]
    payload = {"message": {"text": "RAG 为什么要重排？" * 5, "chat": 1, "from": 2}}
    at = datetime.now(UTC)
    return [
        arrival(bot="telegram:1", id=str(n), place=places[n % 200], message=str(n), said=at, payload=payload)
        for n in range(first, first + count)
    ]


async def lives(ledger: Ledger, chosen: list[Event]) -> dict[str, list[float]]:
    """Milliseconds of each step for events that come one after the other."""
    spent: dict[str, list[float]] = {"take + done": [], "take + answering + done": []}
    for at, event in enumerate(chosen):
        started = time.perf_counter()
        await ledger.take(event)
        if at % 2:
            await ledger.answering(event, [f"m{event.id}"])
        await ledger.done(event.key, answer="a")
        spent["take + answering + done" if at % 2 else "take + done"].append((time.perf_counter() - started) * 1000)
    return spent


async def crowd(ledger: Ledger, chosen: list[Event]) -> list[float]:
    """Milliseconds of a life while `AT_ONCE` go on at the same time."""
    turns, spent = asyncio.Semaphore(AT_ONCE), []

    async def live(event: Event) -> None:
        async with turns:
            started = time.perf_counter()
            await ledger.take(event)
            await ledger.done(event.key)
            spent.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*map(live, chosen))
    return spent


async def measure(name: str, ledger: Ledger, first: int) -> float:
    spent = await lives(ledger, events(first, EVENTS))
    spent[f"take + done, {AT_ONCE} at once"] = await crowd(ledger, events(first + EVENTS, EVENTS))
    for step, times in spent.items():
        p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
        print(f"{name:14} {step:26} p50 {p50:7.2f} ms  p95 {p95:7.2f} ms  max {max(times):7.1f} ms")
    return percentile(spent["take + done"], 0.5)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open_file(Path(folder, "state.sqlite"))
        ledger = Ledger(database)
        empty = await measure("empty", ledger, 1)
        started = time.perf_counter()
        for first in range(10_000, 10_000 + ROWS, 1000):
            await ledger.take_many(events(first, 1000))
        print(f"{ROWS} events taken in batches of 1,000: {(time.perf_counter() - started):.1f} s")
        await database.write(lambda connection: connection.exec_driver_sql("UPDATE events SET state = 'done', payload = '{}'"))
        full = await measure(f"{ROWS} rows", ledger, 1_000_000)
        started = time.perf_counter()
        await ledger.unfinished("telegram:1")
        print(f"unfinished: {(time.perf_counter() - started) * 1000:.1f} ms")
        started = time.perf_counter()
        await ledger.offset("telegram:1")
        print(f"offset: {(time.perf_counter() - started) * 1000:.1f} ms")
        print(f"ratio full to empty, p50 of take + done: {full / empty:.2f}")
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
