"""What memory adds to a question's time: `python -m tests.benchmarks.memory_recall [PEOPLE] [TURNS]`.

People are picked at random, so that most indexes must be loaded first. Beside it: the reading of six turns of the window.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from bot.memory import Memory
from bot.memory.recall import pack_answer, pack_words
from bot.settings import MemorySettings
from bot.storage import Database, TurnStore
from bot.storage.schema import memory_turns, turns
from bot.types import Person, Place, Question
from tests.benchmarks.made_up import percentile

WORDS = (
    "向量 数据库 梯度 模型 检索 训练 注意力 推理 微调 量化 缓存 索引 摘要 记忆 提示词 评测 部署 采样 蒸馏 对齐 策略 奖励".split()
)
GROUPS, QUESTIONS = 20, 400


async def main() -> None:
    people, each = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 1000), (2, 500)))
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open_file(Path(folder, "state.sqlite"))
        started = time.perf_counter()
        await fill(database, people, each)
        size = Path(folder, "state.sqlite").stat().st_size / 1e6
        print(f"{people} people x {each} turns stored in {time.perf_counter() - started:.0f} s, {size:.0f} MB")
        await measure(database, people)
        await database.close()


async def measure(database: Database, people: int) -> None:
    memory, state, chance = Memory(database, None, MemorySettings()), TurnStore(database), random.Random(1)
    together: dict[str, list[tuple[float, float]]] = {"window": [], "memory": []}
    for name, group in (("private chats", False), ("groups", True), ("the same 20 private chats", False)):
        asked = [question(chance.randrange(20 if "20" in name else people), group, chance) for _ in range(QUESTIONS)]
        window = [await timed(lambda q=q: state.recent_turns(q.place, 6)) for q in asked]
        ours = [await timed(lambda q=q: memory.recall(q, budget=800)) for q in asked]
        for what, times in (("window", window), ("memory", ours)):
            together[what] += times
            print(f"{name:28} {what}: {shown(times)}")
    for what, times in together.items():
        print(f"{'all of these questions':28} {what}: {shown(times)}")


def shown(times: Sequence[tuple[float, float]]) -> str:
    wall, cpu = ([time[at] for time in times] for at in (0, 1))
    return "   ".join(
        f"{unit} p50 {percentile(some, 0.5):6.2f} p95 {percentile(some, 0.95):6.2f}"
        for unit, some in (("wall ms", wall), ("CPU ms", cpu))
    )


async def timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Milliseconds by the clock and of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def question(number: int, group: bool, chance: random.Random) -> Question:
    person = Person(platform="made-up", id=str(number), name=f"P{number}")
    chat = f"-{number % GROUPS}" if group else str(number)
    return Question(person=person, place=Place(platform="made-up", chat=chat, private=not group), text=sentence(chance, 3))


def sentence(chance: random.Random, words: int) -> str:
    return "和".join(chance.choices(WORDS, k=words)) + f"{chance.randrange(1000)} 有什么关系？"


async def fill(database: Database, people: int, each: int) -> None:
    """Turns as the bot stores them, one in ten said in a group; noted in bulk."""
    chance = random.Random(0)
    texts = [made_up(chance) for _ in range(500)]
    for turn in range(each):
        rows = [row(turn * people + number + 1, number, turn, chance.choice(texts)) for number in range(people)]
        await database.write(partial(put_all, rows))


def put_all(rows: list[dict[str, Any]], connection: Connection) -> None:
    connection.execute(insert(turns), [{name: one[name] for name in turns.c.keys()} for one in rows])  # noqa: SIM118
    connection.execute(insert(memory_turns), [noted(one) for one in rows])


Text = tuple[str, str, bytes, bytes]


def made_up(chance: random.Random) -> Text:
    asked, answered = sentence(chance, 3), "。".join(sentence(chance, 4) for _ in range(4))
    return asked, answered, pack_words(asked), pack_answer(answered)


def row(number: int, who: int, turn: int, text: Text) -> dict[str, Any]:
    group = turn % 10 == 0
    place = f"made-up:-{who % GROUPS}" if group else f"made-up:{who}"
    said = {"place": place, "chat": place, "private": not group, "person": f"made-up:{who}", "name": f"P{who}"}
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=turn, seconds=who)
    stored = {"id": number, "answer_id": f"{number}", "state": "model", "receipt": {}, "noted": 1, "at": at}
    return {**said, **stored, "asked": text[0], "answered": text[1], "packed": text[2:]}


def noted(turn: dict[str, Any]) -> dict[str, Any]:
    same = {name: turn[name] for name in ("place", "chat", "private", "person", "name")}
    return {**same, "turn": turn["id"], "at": turn["at"].timestamp(), "asked": turn["packed"][0], "answered": turn["packed"][1]}


if __name__ == "__main__":
    asyncio.run(main())
