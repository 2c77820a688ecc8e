"""A whole bot on a fake Discord: a guild with a channel, two people who may ask, and a stranger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.commands import CommandRouter, Quizzes
from bot.commands.views import CommandViews
from bot.llm import ChatModel
from bot.middleware import Middleware, guarded
from bot.platforms.discord import connect
from bot.platforms.discord.bot import DiscordPlatform
from bot.platforms.discord.client import DiscordClient
from bot.rag import AnswerStyle
from bot.rag.pipeline import Assistant, Models
from bot.settings import Settings
from bot.storage import Ledger, TurnStore
from bot.types import Answer, AnswerState, Ask, Question
from knowledge.notebook import Notebook
from tests.fakes.discord import Call, Channel, FakeDiscord, Message, User
from tests.fakes.model import ScriptedModel

RICE = "米饭要煮多久？"
POST = "POST /channels/{channel_id}/messages"


class FastClient(DiscordClient):
    identify_pause_s = 0.0
    guild_ready_s = 0.02


@dataclass
class Script:
    """An `Ask` that says what it was told, or waits in the middle of it until it is let go."""

    says: str = "煮二十分钟。"
    waits: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Question] = field(default_factory=list)

    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        self.asked.append(question)
        yield Answer(state=AnswerState.THINKING)
        if self.waits:
            yield Answer(state=AnswerState.PARTIAL, text="煮")
            await self.gate.wait()
        yield Answer(state=AnswerState.MODEL, text=self.says)


@dataclass
class Running:
    platform: DiscordPlatform
    guards: Middleware
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def kill(self) -> None:
        """End it as the operating system would: nothing is said, nothing is finished."""
        self.task.cancel()
        await asyncio.wait({self.task})

    async def end(self, grace_s: float = 0) -> None:
        self.stop.set()
        await self.guards.drain(grace_s)
        async with asyncio.timeout(10):
            await self.task


class Stage:
    """The people and the place, and the bot when it runs."""

    def __init__(self, fake: FakeDiscord, notebook: Notebook, state: TurnStore) -> None:
        self.fake, self.notebook, self.state = fake, notebook, state
        self.mei: User = fake.world.add_user("Mei", locale="zh-CN")
        self.tom: User = fake.world.add_user("Tom")
        self.eve: User = fake.world.add_user("Eve")
        self.guild = fake.world.add_guild("Cooks", owner=fake.world.add_user("Chef"))
        for member in (self.mei, self.tom, self.eve):
            fake.world.add_member(self.guild, member)
        self.kitchen: Channel = fake.world.add_channel(self.guild, "kitchen")

    def settings(self, **sections: Any) -> Settings:
        discord = {
            "admins": [self.mei.id],
            "allowed_users": [self.tom.id],
            "api_url": self.fake.base,
            "message_content": True,
            **sections.pop("discord", {}),
        }
        return Settings(**{"discord": discord, **sections})

    @asynccontextmanager
    async def running(
        self,
        ask: Ask | None = None,
        *,
        model: ChatModel | None = None,
        quizzes: Quizzes | None = None,
        token: str = "",
        **sections: Any,
    ) -> AsyncIterator[Running]:
        """The bot, connected; ended with nothing finished if the test has not ended it."""
        settings = self.settings(**sections)
        guards = Middleware.of(settings, self.state.database)
        models = Models(fast=model or ScriptedModel("煮二十", "分钟 [1]。"))
        assistant = Assistant(notebook=self.notebook, state=self.state, models=models, manner=AnswerStyle(every_s=0))
        commands = CommandViews(notebook=self.notebook, state=self.state)
        controls = CommandRouter(notebook=self.notebook, state=self.state, commands=commands, guards=guards, quizzes=quizzes)
        platform = connect(
            settings=settings,
            token=token or self.fake.token,
            ask=guarded(ask or assistant.ask, guards),
            controls=controls,
            guards=guards,
            state=self.state,
        )
        platform.client_class = FastClient
        stop = asyncio.Event()
        task = asyncio.create_task(platform.run(stop))
        running = Running(platform, guards, stop, task)
        try:
            ready = asyncio.create_task(self.fake.until_ready())
            await asyncio.wait({ready, task}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if task.done():
                task.result()
            await self.fake.until(lambda: self.fake.api.commands.get(0))
            yield running
        finally:
            await running.kill()

    # What people do and see

    def says(self, text: str, *, by: User | None = None, at: Channel | User | None = None, **more: Any) -> Message:
        return self.fake.people.says(by or self.tom, at or self.kitchen, text, **more)

    def slash(self, name: str, *, by: User | None = None, at: Channel | User | None = None, **options: Any) -> Call:
        return self.fake.people.slash(by or self.tom, at or self.kitchen, name, **options)

    async def said(self, count: int = 1, at: Channel | None = None) -> list[Message]:
        """The bot's messages there, when there are so many and all are complete."""
        place = at or self.kitchen
        await self.fake.until(lambda: len(self.fake.said(place)) >= count and all(map(is_complete, self.fake.said(place))))
        return self.fake.said(place)

    async def settled(self, true: Callable[[], object]) -> None:
        await self.fake.until(true)

    async def finished(self) -> None:
        """Wait until nothing is left to do in the ledger."""
        bot = f"discord:{self.fake.bot.id}"
        async with asyncio.timeout(10):
            while await Ledger(self.state.database).unfinished(bot):
                await asyncio.sleep(0.02)

    def direct(self, user: User | None = None) -> Channel:
        return self.fake.world.dm(user or self.tom)

    def all_was_well(self) -> None:
        self.all_was_well_but()

    def all_was_well_but(self, *statuses: int) -> None:
        """Nothing was refused but for these reasons, nothing late, nobody pinged."""
        refused = [one for one in self.fake.refusals if one.status not in statuses]
        assert [(one.route, one.status, one.body, one.answer) for one in refused] == []
        assert self.fake.late == []
        assert self.fake.live == []


def is_complete(message: Message) -> bool:
    """Its answer is not being written any more."""
    return not message.loading and not any(one.get("custom_id") == "n:x" for one in message.buttons) and message.content != ""


def labels(message: Message) -> list[str]:
    return [str(one.get("label")) for one in message.buttons]
