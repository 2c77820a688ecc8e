"""A memory to talk to: what is said goes the way that the assistant sends it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.llm import ChatModel, Chunk, ModelUnavailable
from bot.memory import Memory, MemoryPages, Remembered
from bot.settings import MemorySettings
from bot.storage import Database, TurnStore
from bot.types import Answer, AnswerState, Citation, Person, Place, Question, Quote

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

START = datetime(2026, 3, 1, 9, tzinfo=UTC).timestamp()
ANN, BOB = Person(platform="telegram", id="1", name="Ann"), Person(platform="telegram", id="2", name="Bob")
GROUP = Place(platform="telegram", chat="-100", private=False)
OTHER_GROUP = Place(platform="telegram", chat="-200", private=False)


def home(person: Person) -> Place:
    """The private chat of a person."""
    return Place(platform=person.platform, chat=person.id, private=True)


class Talk:
    """Persons who talk to the bot, one minute after the other."""

    def __init__(self, database: Database, *, model: ChatModel | None = None, settings: MemorySettings | None = None) -> None:
        self.now = START
        self.database = database
        self.state = TurnStore(database, clock=lambda: datetime.fromtimestamp(self.now, UTC))
        self.memory = Memory(database, model, settings or MemorySettings(quiet_s=0), clock=lambda: self.now)
        self.pages = MemoryPages(self.memory)

    @classmethod
    async def open(cls, file: Path, *, model: ChatModel | None = None, settings: MemorySettings | None = None) -> Talk:
        return cls(await Database.open_file(file), model=model, settings=settings)

    async def close(self) -> None:
        await self.database.close()

    async def say(
        self,
        person: Person,
        place: Place,
        asked: str,
        answered: str = "好的。",
        *,
        topics: Sequence[str] = (),
        quote: Quote | None = None,
        settle: bool = True,
    ) -> Answer:
        """A question and its answer, stored and taken note of."""
        self.now += 60
        question = Question(person=person, place=place, text=asked, quote=quote)
        citations = tuple(_citation(n, topic) for n, topic in enumerate(topics, 1))
        answer = await self.state.record(question, Answer(state=AnswerState.MODEL, text=answered, citations=citations))
        await self.memory.after(question, answer)
        if settle:
            await self.memory.settle()
        return answer

    async def recall(self, person: Person, place: Place, asked: str, *, budget: int = 1200, window: int = 0) -> Remembered:
        """What the prompt for a question would hold of memory."""
        turns = await self.state.recent_turns(place, window) if window else ()
        return await self.memory.recall(Question(person=person, place=place, text=asked), turns, budget=budget)


class KeepingModel:
    """A summariser that keeps what it is given, cut to what fits into a summary; `items` of the last frame are its own."""

    name = "keeping"

    def __init__(self, *, items: Sequence[object] = (), fails: int = 0) -> None:
        self.items = items
        self.fails = fails
        self.told: list[str] = []

    async def window(self) -> int:
        return 4096

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        _, shown = (str(message.content) for message in messages)
        self.told.append(shown)
        if self.fails:
            self.fails -= 1
            raise ModelUnavailable("the model sleeps")
        asked = re.findall(r"^(?:\[\d+\] \S+ |（[^）]*）摘要：|\([^)]*\) )(.*)$", shown, re.MULTILINE)
        yield Chunk(text="<think>what do they want?</think>")
        yield Chunk(text=json.dumps({"summary": "\n".join(asked), "items": list(self.items)}, ensure_ascii=False))


def _citation(n: int, topic: str) -> Citation:
    return Citation(n=n, path="note.md", title="note", heading=(topic,), lines=(1, 1), start=0, end=1, text=topic, passage="p")
