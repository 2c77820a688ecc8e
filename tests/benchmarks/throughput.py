"""Answers a second with a model server that takes no time: `python -m tests.benchmarks.throughput [--profile]`.

First the model is a few lines in this process, so that what is measured is all ours: search, prompt, checks, database. Then
a server in a process of its own answers through the real client; beside it stands what that client alone can do. Then the
time to the first word with 10,000 passages beyond the server's own (asked of it directly, beside it).
"""

from __future__ import annotations

import asyncio
import cProfile
import logging
import pstats
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from langchain_core.messages import BaseMessage, HumanMessage

from bot.app import SAMPLES
from bot.llm import Chunk, ModelPool, OllamaModel
from bot.rag import AnswerCache
from bot.rag.pipeline import Assistant, Models
from bot.settings import ModelSettings
from bot.storage import TurnStore
from bot.types import AnswerState, Place
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.benchmarks.made_up import percentile, write_vault
from tests.bot.making import question

PLACES, ASKED = 50, 800
EACH = 8
"""Answers that the server writes at once."""
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


class AtOnce:
    """A model of this process that takes no time."""

    name = "quick:1b"

    async def window(self) -> int:
        return 8192

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        for words in ("先看注意力 [1]，", "再看缓存 [2]。", "这样就清楚了。"):
            yield Chunk(text=words)
        yield Chunk(prompt_tokens=900, answer_tokens=20)

    async def warm_up(self) -> None:
        pass

    async def close(self) -> None:
        pass


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
    sentences = re.compile(r"[\w，]{8,16}")
    files = sorted((folder / "notes").rglob("*.md"))
    chosen = (chance.choice(sentences.findall(file.read_text(encoding="utf-8"))) for file in chance.choices(files, k=count))
    return [f"{words}？" for words in chosen]


@asynccontextmanager
async def assisting(folder: Path, url: str, *, passages: int):
    if passages:
        write_vault(folder / "notes", passages // 4)
    else:
        shutil.copytree(SAMPLES, folder / "notes")
    notebook = Notebook(Vault(folder / "notes"), folder / "data")
    report = await notebook.index()
    print(f"{report.notes} notes, {report.passages} passages")
    state = await TurnStore.open_file(folder / "state.sqlite")
    model = ModelPool([OllamaModel(ModelSettings(name="quick:1b", url=url)) if url else AtOnce()], each=EACH, queue=PLACES)
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


async def client_alone(model: ModelPool) -> float:
    """Answers a second of the client with the server and nothing else."""

    async def talk() -> None:
        for _ in range(ASKED // PLACES):
            await _alone(model, [HumanMessage("长" * 1500)])

    started = time.perf_counter()
    await asyncio.gather(*(talk() for _ in range(PLACES)))
    rate = ASKED / (time.perf_counter() - started)
    print(f"the client alone: {rate:.0f} answers/s")
    return rate


async def throughput(assistant: Assistant, folder: Path) -> float:
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
    rate, middle, slow = len(done) / seconds, percentile(times, 0.5), percentile(times, 0.95)
    print(f"{PLACES} places: {rate:.0f} answers/s, p50 {middle:.0f} ms, p95 {slow:.0f} ms")
    print(f"{by_model} of {len(done)} answers by the model, {worked / len(done) * 1000:.1f} ms of processor each")
    return rate


async def first_word(assistant: Assistant, model: ModelPool, folder: Path) -> None:
    ours, theirs = [], []
    for number, words in enumerate(questions(folder, 150, seed=9)):
        theirs.append(await _alone(model, [HumanMessage("长" * 1500 + words)]))
        ours.append((await ask(assistant, words, f"first {number}"))[0] * 1000)
    for share in (0.5, 0.95):
        mine, its = percentile(ours, share), percentile(theirs, share)
        print(f"first word p{share * 100:.0f}: {mine:.1f} ms, the server's own {its:.1f} ms, beyond it {mine - its:.1f} ms")


async def _alone(model: ModelPool, messages: Sequence[HumanMessage]) -> float:
    started, first = time.perf_counter(), 0.0
    async for piece in model.stream(messages):
        if piece.text and not first:
            first = (time.perf_counter() - started) * 1000
    return first


async def run(folder: Path, profile: bool) -> None:
    async with assisting(folder / "alone", "", passages=0) as (assistant, _):
        with cProfile.Profile() if profile else memoryview(b"") as watched:
            ours = await throughput(assistant, folder / "alone")
        if profile:
            pstats.Stats(watched).sort_stats("tottime").print_stats(35)
            return
    async with serving() as url:
        async with assisting(folder / "small", url, passages=0) as (assistant, model):
            served = await throughput(assistant, folder / "small")
            bare = await client_alone(model)
        print(f"ratio to the client alone: {ours / bare:.2f} without it, {served / bare:.2f} through it")
        async with assisting(folder / "large", url, passages=10_000) as (assistant, model):
            await first_word(assistant, model, folder / "large")


def main() -> None:
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder), "--profile" in sys.argv))


if __name__ == "__main__":
    main()
