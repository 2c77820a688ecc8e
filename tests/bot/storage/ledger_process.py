"""A process that takes events (`take`), or takes fifty and answers them one by one (`answer`), and prints what it did."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from bot.storage import Database, Event, Ledger, arrival
from bot.types import Place


def event(n: int) -> Event:
    return arrival(bot="telegram:1", id=str(n), place=Place(platform="telegram", chat=str(n % 5)), payload={"n": n})


async def main(file: str, what: str) -> None:
    database = await Database.open_file(Path(file))
    ledger = Ledger(database)
    sys.stdin.readline()
    if what == "take":
        ids = list(range(100))
        random.shuffle(ids)
        print(*[n for n in ids if await ledger.take(event(n))])
    else:
        await ledger.take_many([event(n) for n in range(50)])
        for n in range(50):
            await ledger.answering(event(n), [f"m{n}"])
            print("noted", n, flush=True)
            await ledger.done(event(n).key)
            print("done", n, flush=True)
    await database.close()


asyncio.run(main(*sys.argv[1:]))
