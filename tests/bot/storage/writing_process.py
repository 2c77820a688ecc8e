"""A process that records turns, each with its sources in one transaction, and prints how many there are after each."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.storage import TurnStore
from tests.bot.making import answer, citation, question


async def main(file: str) -> None:
    state = await TurnStore.open_file(Path(file))
    for number in range(1, 100_000):
        await state.record(question(f"问题 {number}"), answer(f"回答 {number}", citation(1), citation(2)))
        print(number, flush=True)


asyncio.run(main(sys.argv[1]))
