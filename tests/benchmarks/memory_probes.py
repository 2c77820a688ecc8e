"""A thousand turns of five people with facts planted among them: `python -m tests.benchmarks.memory_probes [TURNS] [FACTS]`.

Prints how many of the facts stand in the prompt when they are asked about at the end (by who said them, in the group and in
private), and how many tokens memory and window took along the way, beside what the window alone would have taken.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.llm.tokens import estimate_tokens
from bot.settings import MemorySettings
from bot.types import Person, Place
from tests.bot.memory.making import GROUP, KeepingModel, Talk, home

BUDGET = 900
"""Tokens: memory's share of a window of 4,096, beside 700 for the answer and the rest for passages and the last turns."""
WINDOW = 6
PEOPLE = [Person(platform="made-up", id=str(n), name=name) for n, name in enumerate(("小安", "Bob", "陈晨", "Dora", "小安"))]
WHERE = "成都 上海 杭州 南京 武汉 西安 广州 青岛 苏州 厦门 长沙 重庆 昆明 大连 宁波 福州 合肥 沈阳 济南 天津".split()
DONE = "买了 丢了 修好了 画了 借出了 收到了 拍到了 写完了 卖掉了 找到了".split()
THING = "自行车 相机 吉他 地图 手表 望远镜 台灯 背包 键盘 雨伞 花瓶 日记 钢琴 帐篷 滑板 风筝 棋盘 茶壶 围巾 耳机".split()
ABOUT = "梯度下降 注意力 反向传播 向量数据库 提示词 微调 蒸馏 量化 采样 强化学习 检索增强 位置编码 归一化 正则化 词向量".split()


@dataclass(frozen=True, slots=True)
class Fact:
    person: Person
    said: str
    asked: str
    answer: str


@dataclass(frozen=True, slots=True)
class Outcome:
    in_group: float
    in_private: float
    tokens: list[int]
    window_tokens: list[int]


def main() -> None:
    turns, facts = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 1000), (2, 200)))
    outcome = asyncio.run(measure(turns, facts))
    print(f"{facts} facts in {turns} turns, in the prompt when asked about:")
    print(f"in the group {outcome.in_group:.1%}, in private {outcome.in_private:.1%}")
    shown = " ".join(map(str, outcome.tokens[:: max(1, len(outcome.tokens) // 20)]))
    print(f"tokens of memory, share {BUDGET}: most {max(outcome.tokens)}; along the way {shown}")
    whole = sum(outcome.window_tokens)
    print(f"all turns verbatim are {whole} tokens at the end: {whole / max(outcome.tokens):.0f} times as many")


async def measure(turns: int, count: int, *, every: int = 10) -> Outcome:
    chance = random.Random(0)
    planted = plan(turns, count, chance)
    tokens, window = [], []
    with tempfile.TemporaryDirectory() as folder:
        talk = await Talk.open(Path(folder, "state.sqlite"), model=KeepingModel(), settings=MemorySettings(quiet_s=0))
        for turn in range(turns):
            fact = planted.get(turn)
            person, asked = (fact.person, fact.said) if fact else (chance.choice(PEOPLE), small_talk(chance))
            answered = f"{chance.choice(ABOUT)}的要点是这样的，见笔记 [1]。" * 3
            await talk.say(person, GROUP, asked, answered, settle=turn % every == 0)
            window.append(estimate_tokens(asked) + estimate_tokens(answered))
            if turn % every == 0:
                found = await talk.recall(person, GROUP, small_talk(chance), budget=BUDGET, window=WINDOW)
                tokens.append(estimate_tokens(found.text))
        await talk.memory.settle()
        in_group = [await knows(talk, fact, GROUP, window=WINDOW) for fact in planted.values()]
        in_private = [await knows(talk, fact, home(fact.person)) for fact in planted.values()]
        await talk.close()
    return Outcome(sum(in_group) / count, sum(in_private) / count, tokens, window)


async def knows(talk: Talk, fact: Fact, place: Place, *, window: int = 0) -> bool:
    found = await talk.recall(fact.person, place, fact.asked, budget=BUDGET, window=window)
    return fact.answer in found.text


def plan(turns: int, count: int, chance: random.Random) -> dict[int, Fact]:
    places = chance.sample(range(turns // 100, turns * 9 // 10), count)
    stories = chance.sample([(where, done, thing) for where in WHERE for done in DONE for thing in THING], count)
    return {at: fact(chance.choice(PEOPLE), *story, chance) for at, story in zip(places, stories, strict=True)}


def fact(person: Person, where: str, done: str, thing: str, chance: random.Random) -> Fact:
    code = f"{chance.choice('甲乙丙丁')}{chance.randrange(1000, 9999)}"
    said = f"对了，我上次在{where}{done}一个{thing}，上面写着{code}。{small_talk(chance)}"
    return Fact(person=person, said=said, asked=f"我在{where}{done}的那个{thing}上写着什么？", answer=code)


def small_talk(chance: random.Random) -> str:
    one, two = chance.sample(ABOUT, 2)
    return chance.choice((f"{one}和{two}有什么关系？", f"怎么理解{one}？", f"为什么{one}需要{two}？", f"{one}有哪些缺点？"))


if __name__ == "__main__":
    main()
