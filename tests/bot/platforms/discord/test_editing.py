"""Questions that are edited: their answers are made anew, where they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from bot.llm import Chunk
from bot.types import Answer, AnswerState, Place, Question
from tests.bot.platforms.discord.stage import RICE, Stage
from tests.fakes.discord import Channel, Message
from tests.fakes.model import ScriptedModel

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

PORRIDGE = "粥要用几倍的水？"
LONG = (
    "\n\n".join(f"第 {n} 步：" + "".join(chr(0x4E00 + (n * 997 + k * 131) % 5000) for k in range(300)) for n in range(1, 15))
    + " [1]"
)


class Cook(ScriptedModel):
    """Answers what is asked; `gate` holds back the end of every answer."""

    def __init__(self, *, gate: asyncio.Event | None = None) -> None:
        super().__init__()
        self.gate = gate

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        self.told.append(list(messages))
        asked = str(messages[-1].content).rpartition("问题：")[2]
        yield Chunk(text="我想想。")
        if self.gate:
            await self.gate.wait()
        if "粥" in asked:
            yield Chunk(text="十倍的水 [1]。")
        else:
            yield Chunk(text="煮二十分钟 [1]。")


def texts(stage: Stage, place: Channel | None = None) -> list[str]:
    return [one.text for one in stage.fake.said(place or stage.kitchen)]


async def shows(stage: Stage, words: str, *, at: Channel | None = None) -> list[Message]:
    """The bot's messages, once they are complete and hold these words."""
    await stage.settled(lambda: words in "\n".join(texts(stage, at)))
    await stage.finished()
    return await stage.said(at=at)


async def test_the_answer_to_an_edited_question_takes_the_place_of_the_one_before(stage: Stage) -> None:
    async with stage.running(model=Cook()):
        asked = stage.says(f"@bot {RICE}")
        (before,) = await shows(stage, "煮二十分钟")
        stage.says("谢谢")
        stage.fake.people.edits(stage.tom, asked, f"@bot {PORRIDGE}")
        (after,) = await shows(stage, "十倍的水")
        assert after.id == before.id
        assert "煮二十分钟" not in after.text
        question = (await stage.state.recent_turns(Place(platform="discord", chat=str(stage.kitchen.id)), 1))[-1]
        assert question.asked == PORRIDGE
        stage.says("为什么？", reply_to=after, ping=False)
        await stage.said(2)
        await stage.finished()
    stage.all_was_well()


async def test_an_edit_that_leaves_the_words_as_they_were_changes_nothing(stage: Stage) -> None:
    model = Cook()
    async with stage.running(model=model):
        asked = stage.says(f"@bot {RICE}")
        (answer,) = await shows(stage, "煮二十分钟")
        history = list(answer.history)
        stage.fake.people.edits(stage.tom, asked, f"{RICE} @bot")
        await asyncio.sleep(0.1)
        await stage.finished()
        assert (answer.history, len(model.told)) == (history, 1)
    stage.all_was_well()


async def test_answers_that_were_deleted_stay_so(stage: Stage) -> None:
    model = Cook()
    async with stage.running(model=model):
        asked = stage.says(f"@bot {RICE}")
        (answer,) = await shows(stage, "煮二十分钟")
        stage.fake.world.delete(answer)
        stage.fake.people.edits(stage.tom, asked, f"@bot {PORRIDGE}")
        await asyncio.sleep(0.1)
        await stage.finished()
        assert (texts(stage), len(model.told)) == ([], 1)
    stage.all_was_well_but(404)


async def test_a_question_edited_while_it_is_answered_has_one_answer(stage: Stage) -> None:
    gate = asyncio.Event()
    model = Cook(gate=gate)
    async with stage.running(model=model):
        asked = stage.says(f"@bot {RICE}")
        while not model.told:
            await asyncio.sleep(0.01)
        stage.fake.people.edits(stage.tom, asked, f"@bot {PORRIDGE}")
        while len(model.told) < 2:
            await asyncio.sleep(0.01)
        gate.set()
        (answer,) = await shows(stage, "十倍的水")
        assert "煮二十分钟" not in answer.text
    stage.all_was_well()


async def test_a_longer_and_a_shorter_answer_stand_in_order(stage: Stage) -> None:
    async def long_or_short(question: Question) -> AsyncIterator[Answer]:
        """Answers of any length, which no model is let write that is held to the notes."""
        text = LONG if "炒饭" in question.text else "十倍的水。" if "粥" in question.text else "煮二十分钟。"
        yield await stage.state.record(question, Answer(state=AnswerState.MODEL, text=text))

    async with stage.running(ask=long_or_short):
        asked = stage.says(f"@bot {RICE}")
        (first,) = await shows(stage, "煮二十分钟")
        for _ in range(2):
            stage.fake.people.edits(stage.tom, asked, "@bot 炒饭要用什么饭？")
            parts = await shows(stage, "第 14 步")
            assert parts[0].id == first.id
            whole = "\n".join(part.text for part in parts)
            steps = [whole.index(f"第 {n} 步") for n in range(1, 15)]
            assert steps == sorted(steps)
            stage.fake.people.edits(stage.tom, asked, f"@bot {PORRIDGE}")
            await stage.settled(lambda: len(texts(stage)) == 1)
            (only,) = await shows(stage, "十倍的水")
            assert only.id == first.id
    stage.all_was_well_but(404)  # looking for parts that went


async def test_a_question_that_opened_a_thread_is_answered_anew_in_the_thread(stage: Stage) -> None:
    async with stage.running(model=Cook(), discord={"threads": {"after": 1}}):
        stage.says("@bot 茶要泡多久？")
        await stage.said()
        await stage.finished()
        await asyncio.sleep(0.05)
        asked = stage.says(f"@bot {RICE}")
        await stage.settled(lambda: asked.thread)
        assert asked.thread
        (before,) = await shows(stage, "煮二十分钟", at=asked.thread)
        stage.fake.people.edits(stage.tom, asked, f"@bot {PORRIDGE}")
        (after,) = await shows(stage, "十倍的水", at=asked.thread)
        assert (after.id, len(texts(stage))) == (before.id, 1)
    stage.all_was_well()


async def test_an_edit_that_came_before_a_crash_is_answered_after_it(stage: Stage) -> None:
    async with stage.running(model=Cook()):
        asked = stage.says(f"@bot {RICE}")
        (before,) = await shows(stage, "煮二十分钟")
    gate = asyncio.Event()
    async with stage.running(model=Cook(gate=gate)) as running:
        stage.fake.people.edits(stage.tom, asked, f"@bot {PORRIDGE}")
        await stage.settled(lambda: "煮二十分钟" not in "".join(texts(stage)))
        await running.kill()
    async with stage.running(model=Cook()):
        (after,) = await shows(stage, "十倍的水")
        assert after.id == before.id
    stage.all_was_well()
