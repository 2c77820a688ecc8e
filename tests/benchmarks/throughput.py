"""Answers a second with a model server that takes no time: `python -m tests.benchmarks.throughput [--profile]`.

The server runs in a process of its own and answers each chat at once; what is measured is everything that is ours: search,
prompt, client, checks, database. Then the time to the first word with 10,000 passages beyond the server's own (asked of it
directly, beside it), and how the time of a turn grows in a long conversation.
"""

from __future__ import annotations

import asyncio
import cProfile
import logging
import pstats
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from langchain_core.messages import HumanMessage

from bot.assistant import Assistant, Models
from bot.conversation import AnswerCache
from bot.messages import AnswerState, Place
from bot.model import OllamaModel, Pool
from bot.settings import Model
from bot.state import State
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.benchmarks.made_up import percentile, write_vault
from tests.bot.making import question

PLACES, ASKED, TURNS = 50, 400, 200
SERVER = """
import asyncio
from tests.fakes.ollama import FakeModel, FakeOllama
async def main():
    async with FakeOllama(models=[FakeModel(name="quick:1b", context_length=8192)]) as server:
        server.always("先看注意力 [1]，再看缓存 [2]。这样就清楚了。")
        server.received = type("Forgetful", (list,), {"append": lambda self, one: None})()
        print(server.url, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


@asynccontextmanager
async def serving():
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def questions(folder: Path, count: int, *, seed: int) -> list[str]:
    """Questions that the notes answer: the first words of sentences that stand there."""
    chance = random.Random(seed)
    files = sorted((folder / "notes").rglob("*.md"))
    return [f"{chance.choice(re.findall(r'^- (.{8,40})', file.read_text(), re.M))}？" for file in chance.choices(files, k=count)]


@asynccontextmanager
async def assisting(folder: Path, url: str, *, passages: int, context: int = 0):
    write_vault(folder / "notes", passages // 4)
    notebook = Notebook(Vault(folder / "notes"), folder / "data")
    report = await notebook.index()
    print(f"{report.notes} notes, {report.passages} passages")
    state = await State.open_file(folder / "state.sqlite")
    model = Pool([OllamaModel(Model(name="quick:1b", url=url, context=context))], each=PLACES)
    assistant = Assistant(notebook=notebook, state=state, models=Models(fast=model), cache=AnswerCache(0))
    try:
        yield assistant, model
    finally:
        await model.close()
        notebook.close()
        await state.close()


async def ask(assistant: Assistant, words: str, place: str) -> tuple[float, float, AnswerState]:
    """Seconds to the first word and to the end, and how it ended."""
    started, first = time.perf_counter(), 0.0
    async for answer in assistant.ask(question(words, place=Place(platform="benchmark", chat=place))):
        if answer.text and not first:
            first = time.perf_counter() - started
        last = answer
    return first, time.perf_counter() - started, last.state


async def throughput(assistant: Assistant, folder: Path) -> None:
    asked = questions(folder, ASKED, seed=5)
    for words in asked[:5]:
        await ask(assistant, words, "warm")

    async def talk(place: int) -> list[tuple[float, float, AnswerState]]:
        return [await ask(assistant, words, str(place)) for words in asked[place::PLACES]]

    started, worked = time.perf_counter(), time.process_time()
    done = [one for of_place in await asyncio.gather(*map(talk, range(PLACES))) for one in of_place]
    seconds, worked = time.perf_counter() - started, time.process_time() - worked
    times = [total * 1000 for _, total, _ in done]
    by_model = sum(state is AnswerState.MODEL for *_, state in done)
    print(f"{PLACES} places: {len(done) / seconds:.0f} answers/s, p50 {percentile(times, 0.5):.0f} ms, "
          f"p95 {percentile(times, 0.95):.0f} ms ({by_model} of {len(done)} by the model), {worked / len(done) * 1000:.1f} ms of processor each")  # fmt: skip


async def first_word(assistant: Assistant, model: Pool, folder: Path) -> None:
    ours, theirs = [], []
    for number, words in enumerate(questions(folder, 150, seed=9)):
        theirs.append(await _alone(model, [HumanMessage("长" * 1500 + words)]))
        ours.append((await ask(assistant, words, f"first {number}"))[0] * 1000)
    for share in (0.5, 0.95):
        mine, its = percentile(ours, share), percentile(theirs, share)
        print(f"first word p{share * 100:.0f}: {mine:.1f} ms, the server's own {its:.1f} ms, beyond it {mine - its:.1f} ms")


async def _alone(model: Pool, messages: Sequence[HumanMessage]) -> float:
    started, first = time.perf_counter(), 0.0
    async for piece in model.stream(messages):
        if piece.text and not first:
            first = (time.perf_counter() - started) * 1000
    return first


async def long_conversation(assistant: Assistant, folder: Path) -> None:
    times = [(await ask(assistant, words, "long"))[1] * 1000 for words in questions(folder, TURNS + 20, seed=11)][20:]
    early, late = percentile(times[:60], 0.5), percentile(times[-60:], 0.5)
    print(f"{TURNS} turns: median of the first 60 {early:.1f} ms, of the last 60 {late:.1f} ms, ratio {late / early:.2f}")


async def run(folder: Path, profile: bool) -> None:
    async with serving() as url:
        async with assisting(folder / "small", url, passages=2_000) as (assistant, _):
            with cProfile.Profile() if profile else memoryview(b"") as watched:
                await throughput(assistant, folder / "small")
            if profile:
                pstats.Stats(watched).sort_stats("tottime").print_stats(35)
                return
        async with assisting(folder / "large", url, passages=10_000) as (assistant, model):
            await first_word(assistant, model, folder / "large")
        async with assisting(folder / "long", url, passages=2_000, context=4096) as (assistant, _):
            await long_conversation(assistant, folder / "long")


def main() -> None:
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder), "--profile" in sys.argv))


if __name__ == "__main__":
    main()
