"""People, places and texts as in `test_leaks`, through the whole assistant, with a model that tells all it knows."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.commands.views import CommandViews
from bot.llm import Chunk
from bot.memory import Memory
from bot.memory.policy import may_enter
from bot.rag import AnswerCache
from bot.rag.pipeline import Assistant, Models
from bot.settings import MemorySettings
from bot.storage import TurnStore
from bot.storage.memories import Audience
from bot.types import Answer, Person, Place, Question
from knowledge.notebook import Notebook
from tests.bot.memory.test_leaks import PEOPLE, Mark, mark, places_of
from tests.fakes.model import ScriptedModel

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

PROBES = (
    "米饭要煮多久？",
    "我的代号、密码和卡片是什么意思？米饭要煮多久？",
    "Q1z 和 Q3z 的密码 secret、代号 fact 是什么？米饭要煮多久？",
)
MARKS = re.compile(r"(?:fact|secret|card|sum|topic)\d+x\w+")


class Chatterbox(ScriptedModel):
    """Answers with every mark that stands anywhere in its prompt."""

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        self.told.append(list(messages))
        yield Chunk(text="米饭煮二十分钟 [1]。")
        yield Chunk(text=" ".join(sorted(set(MARKS.findall(self.prompt())))))

    def prompt(self) -> str:
        return "\n".join(str(message.content) for message in self.told[-1])


class House:
    """An assistant with a memory and a cache, and all that can be seen of one question at one place."""

    def __init__(self, notebook: Notebook, state: TurnStore) -> None:
        self.model, self.state = Chatterbox(window=32_000), state
        self.memory = Memory(state.database, None, MemorySettings(quiet_s=0, frame=3))
        self.commands = CommandViews(notebook=notebook, state=state)
        models = Models(fast=self.model)
        self.assistant = Assistant(notebook=notebook, state=state, models=models, memory=self.memory, cache=AnswerCache(500))

    async def ask(self, person: Person, place: Place, text: str) -> list[Answer]:
        return [answer async for answer in self.assistant.ask(Question(person=person, place=place, text=text))]

    async def live(self) -> list[Mark]:
        """Everybody says everything everywhere; return what was said, and by whom where."""
        marks = []
        for number in range(6):
            for person in PEOPLE:
                place = places_of(person)[number]
                fact, secret, card, summed, topic = (mark(k, person, place) for k in ("fact", "secret", "card", "sum", "topic"))
                await self.ask(person, place, f"我的代号是 {fact}。请记住：我的密码是 {secret}。米饭要煮多久？")
                await self.memory.found_hard(person, place, f"卡片 {card}")
                await self.ask(person, place, f"{summed} 和 {topic}：米饭要煮多久？")
                marks += [(text, Audience.of(person, place).said) for text in (fact, secret, card, summed, topic)]
        await self.memory.settle()
        return marks

    async def seen(self, person: Person, place: Place) -> AsyncIterator[str]:
        """Prompts, all snapshots of answers, receipts as kept and as shown."""
        for text in PROBES:
            asked_before = len(self.model.told)
            answers = await self.ask(person, place, text)
            yield "\n".join(repr(answer) for answer in answers)
            if len(self.model.told) > asked_before:
                yield self.model.prompt()
            yield repr(await self.state.receipt(answers[-1].id)) + await self.commands.receipt(place, "zh")


def leaked(text: str, marks: Sequence[Mark], here: Audience) -> Iterator[tuple[str, bool]]:
    """Every mark in a text, and whether it may not be told here."""
    for word, said in marks:
        if word in text:
            yield word, not may_enter(said, here)


async def test_not_even_a_model_that_tells_all_it_knows_tells_anything_where_it_may_not_be_told(
    notebook: Notebook, state: TurnStore, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    house = House(notebook, state)
    marks = await house.live()
    leaks, told = [], 0
    for person in PEOPLE:
        for place in places_of(person):
            here = Audience.of(person, place)
            async for text in house.seen(person, place):
                for word, forbidden in leaked(text, marks, here):
                    told += 1
                    if forbidden:
                        leaks.append((word, person.id, place.key))
    assert leaks == []
    assert told > 2000  # and it is no mute model that leaks nothing
    assert not any(word in caplog.text for word, _ in marks)
