"""A conversation of 200 turns with a model of 4,096 tokens: is any prompt over budget by the server's own count, and does a
turn take longer in the end? `python -m tests.benchmarks.conversation [TURNS]`

The server counts what it was sent, before it cuts off what does not fit. Beside each turn the same question is asked in a
place of its own, where nothing can grow: machines are busy with other things too.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.llm import OllamaModel
from bot.memory import Memory
from bot.rag import AnswerCache, AnswerStyle
from bot.rag.pipeline import Assistant, Models
from bot.settings import MemorySettings, ModelSettings
from bot.storage import TurnStore
from bot.types import AnswerState, Place
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.benchmarks.made_up import percentile, write_vault
from tests.benchmarks.throughput import questions
from tests.bot.making import question
from tests.fakes.ollama import FakeModel, FakeOllama
from tests.fakes.ollama.prompts import count

WINDOW, TURNS, WARM, NOTES, ANSWER_TOKENS = 4096, 200, 20, 500, 700
SMALL = FakeModel(name="small:1b", context_length=WINDOW)
ANSWER = "先看注意力 [1]，再看缓存 [2]。" + "这样一来，训练的时候就不会忘记前面说过的那些话，也不会在后面的回答里重复它们。" * 3


async def turn(assistant: Assistant, words: str, chat: str) -> tuple[float, bool]:
    """Milliseconds, and whether the model answered."""
    started = time.perf_counter()
    *_, last = [answer async for answer in assistant.ask(question(words, place=Place(platform="benchmark", chat=chat)))]
    return (time.perf_counter() - started) * 1000, last.state is AnswerState.MODEL


def growth(times: list[float]) -> float:
    """The median of the last third against that of the first."""
    third = len(times) // 3
    return percentile(times[-third:], 0.5) / percentile(times[:third], 0.5)


@asynccontextmanager
async def assisting(notebook: Notebook, file: Path, server: FakeOllama) -> AsyncIterator[Assistant]:
    state = await TurnStore.open_file(file)
    model = OllamaModel(ModelSettings(name=SMALL.name, url=server.url))
    memory = Memory(state.database, None, MemorySettings())
    models, manner = Models(fast=model), AnswerStyle(passages=10, answer_tokens=ANSWER_TOKENS)
    yield Assistant(notebook=notebook, state=state, models=models, manner=manner, memory=memory, cache=AnswerCache(0))
    await model.close()
    await state.close()


async def run(folder: Path, turns: int) -> bool:
    write_vault(folder / "notes", NOTES)
    notebook = Notebook(Vault(folder / "notes"), folder / "data")
    await notebook.index()
    asked = questions(folder, turns * 3 // 2 + WARM, seed=11)  # the notes answer two of three
    asked[5::10] = [words.rstrip("？") * 120 + "？" for words in asked[5::10]]  # some are long
    times, by_model = [], 0
    async with FakeOllama(models=[SMALL]) as server:
        server.always(ANSWER)
        async with (
            assisting(notebook, folder / "long.sqlite", server) as long,
            assisting(notebook, folder / "apart.sqlite", server) as apart,
        ):
            for number, words in enumerate(asked):
                mine, answered = await turn(long, words, "long")
                alone, _ = await turn(apart, words, f"apart {number}")
                by_model += answered
                times.append((mine, alone))
        sizes = [count(chat.messages) for chat in server.chats]
        cut = sum(bool(chat.dropped) for chat in server.chats)
    notebook.close()
    over = sum(size + ANSWER_TOKENS > WINDOW for size in sizes)
    print(f"{len(asked)} turns, {by_model} answered by the model; {len(sizes)} prompts in both runs")
    print(f"largest prompt {max(sizes)} + {ANSWER_TOKENS} for the answer, of {WINDOW} tokens; over budget: {over}, cut: {cut}")
    kept = times[WARM:]
    mine = [one for one, _ in kept]
    print(f"a turn p50 {percentile(mine, 0.5):.1f} ms; last third against first {growth(mine):.2f}")
    own = growth([one / other for one, other in kept])
    print(f"against the same question in a place of its own, asked beside it: {own - 1:+.1%}")
    return not over and not cut and own < 1.1


def main() -> int:
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        good = asyncio.run(run(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else TURNS))
    print("good" if good else "not good")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
