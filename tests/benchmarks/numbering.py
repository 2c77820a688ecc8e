"""1,000 answers with marks of sources in every form and number: how many invalid ones reach somebody?

`python -m tests.benchmarks.numbering [HOW MANY]`. The whole path is run, and every snapshot is read by a reader of its own.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from langchain_core.messages import BaseMessage

from bot.llm import Chunk
from bot.rag import AnswerStyle
from bot.rag.pipeline import Assistant, Models
from bot.storage import TurnStore
from bot.types import AnswerState
from tests.bot.making import NOTES, indexed, question, write
from tests.bot.rag.numbering import numbered_answer, numbers_shown, pieces_of


class Numbers:
    """A model that numbers as it likes."""

    name = "numbers"

    def __init__(self) -> None:
        self.chance = Random(2026)
        self.said = ""

    async def window(self) -> int:
        return 8192

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        self.said = numbered_answer(self.chance)
        for piece in pieces_of(self.said, self.chance):
            yield Chunk(text=piece)

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...


async def run(folder: Path, count: int) -> int:
    notebook, model = indexed(write(folder / "notes", NOTES), folder / "data"), Numbers()
    state = await TurnStore.open("sqlite://")
    assistant = Assistant(notebook=notebook, state=state, models=Models(fast=model), manner=AnswerStyle(every_s=0))
    invalid, snapshots, unlisted, by_model, written = 0, 0, 0, 0, 0
    for _ in range(count):
        asked = replace(question("米饭要煮多久？", alone=True), again=True)
        answers = [answer async for answer in assistant.ask(asked)]
        given = set(range(1, len(answers[-1].receipt.used) + 1))
        written += len(numbers_shown(model.said) - given)
        by_model += answers[-1].state is AnswerState.MODEL
        for answer in answers:
            snapshots += 1
            if wrong := numbers_shown(answer.text) - given:
                invalid += 1
                print(f"{wrong}: {model.said!r} -> {answer.text!r}")
        shown, listed = numbers_shown(answers[-1].text), {source.n for source in answers[-1].citations}
        unlisted += shown != listed
    notebook.close()
    await state.close()
    print(f"{count} answers ({by_model} by the model), {snapshots} snapshots; {written} invalid numbers were written")
    print(f"snapshots with an invalid number: {invalid}; answers that list other sources than they name: {unlisted}")
    return invalid + unlisted


def main() -> int:
    logging.disable(logging.WARNING)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(run(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
    print(f"{time.perf_counter() - started:.0f} s")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
