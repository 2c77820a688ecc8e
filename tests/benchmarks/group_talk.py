"""Three people talk about three things in one group, 60 turns by turns: how often does somebody get another one's subject first?
`python -m tests.benchmarks.group_talk`; the exit code is 1 unless it is never.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from bot.evaluation import play
from bot.evaluation.conversations import ConversationScript, ScriptTurn, TurnOutcome
from bot.rag.pipeline import Assistant
from bot.storage import TurnStore
from tests.bot.making import indexed, write

GARDEN = """# 番茄

番茄要搭架子，一株一米五高。架子用竹竿，三根一组绑好。

## 番茄的病害

番茄叶子发黄多半是缺镁，要喷硫酸镁。脐腐病是缺钙，浇水要匀。

## 番茄的采收

番茄红透了再摘，早摘不甜。摘下来放在室温，不进冰箱。
"""
CAMERA = """# 单反相机

单反相机靠反光镜取景，快门打开时镜子抬起。镜头卡口各家不同。

## 单反的清洁

单反传感器脏了先用气吹，再用湿棒。镜头只擦一面，用鹿皮。

## 单反的存放

单反要放在干燥箱里，湿度四成。电池取出来单独放。
"""
CHESS = """# 国际象棋

国际象棋的王车易位要求王和车都没有动过。易位时王走两格。

## 国际象棋的残局

国际象棋单车对单王是必胜的，把王逼到边上。兵升变多半成后。

## 国际象棋的计时

国际象棋快棋每方十五分钟，每步加十秒。超时判负。
"""
NOTES = {"garden.md": GARDEN, "camera.md": CAMERA, "chess.md": CHESS}
SAID = {
    "Ann": (
        "番茄要搭多高的架子？|架子用什么做？|番茄叶子发黄怎么办？|那脐腐病呢？|什么时候摘番茄？|摘下来放哪里？|为什么早摘不好？|番茄的病害有哪些？"
        "|那要喷什么？|浇水有什么讲究？"
    ),
    "Bob": (
        "单反相机怎么取景？|快门打开的时候呢？|单反传感器脏了怎么办？|先用什么？|镜头怎么擦？|单反怎么存放？|湿度多少合适？|电池呢？"
        "|单反的卡口都一样吗？|那用什么布擦？"
    ),
    "Cat": (
        "国际象棋怎么王车易位？|王走几格？|单车对单王能赢吗？|怎么赢？|兵升变成什么？|快棋每方多少分钟？|每步加几秒？|超时了呢？"
        "|国际象棋的残局要点是什么？|易位有什么要求？"
    ),
}
SUBJECTS = dict(zip(SAID, ("garden.md", "camera.md", "chess.md"), strict=True))


def interleaved(rounds: int) -> Iterator[tuple[str, str]]:
    """Who says what, one after the other, everything said `rounds` times over."""
    lines = {who: said.split("|") for who, said in SAID.items()}
    turns = zip(*(lines[who] for who in SAID), strict=True)
    return chain.from_iterable(zip(SAID, turn, strict=True) for turn in list(turns) * rounds)


async def played(folder: Path) -> list[TurnOutcome]:
    """How each turn was answered, without a model."""
    turns = tuple(ScriptTurn(text=text, kind=who, who=who, evidence=(((SUBJECTS[who], ""),),)) for who, text in interleaved(2))
    notebook, state = indexed(write(folder / "notes", NOTES), folder / "data"), await TurnStore.open_file(folder / "state.sqlite")
    passages = {passage.id: (passage.path, passage.text) for passage in await notebook.passages()}
    outcomes = play(Assistant(notebook=notebook, state=state).ask, [ConversationScript(id="group", turns=turns)], passages, "zh")
    found = [outcome async for outcome in outcomes]
    await state.close()
    notebook.close()
    return found


def misplaced(outcomes: Sequence[TurnOutcome]) -> list[TurnOutcome]:
    """The turns that were answered with somebody else's subject first."""
    return [one for one in outcomes if one.mode == "excerpts" and not one.hit_1]


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        outcomes = await played(Path(folder))
    wrong = misplaced(outcomes)
    answered = sum(one.mode == "excerpts" for one in outcomes)
    print(f"{len(outcomes)} turns, {answered} answered; somebody else's subject in first place: {len(wrong)}")
    for one in wrong:
        print(f"  {one.kind}: {one.text}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
