"""The whole bot against the fake server: settings, guards and controls as in `notesbot run`, with quick rates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.commands import CommandRouter
from bot.commands.registry import Quizzes
from bot.commands.views import CommandViews
from bot.middleware import Middleware, guarded
from bot.platforms.telegram import TelegramBot
from bot.platforms.telegram.rate_limiter import Rates
from bot.rag import AnswerStyle
from bot.rag.pipeline import Assistant, Models
from bot.settings import AccessSettings, LimitSettings, Settings, TelegramSettings
from bot.storage import TurnStore
from bot.types import Answer, AnswerState, Ask, Button, Page, Person, Place, Question
from knowledge.notebook import Notebook
from tests.bot.making import citation
from tests.fakes.model import ScriptedModel
from tests.fakes.telegram import Chat, FakeTelegram, Seen, User

QUICK = Rates(
    private_every=0.01,
    private_burst=50,
    group_most=500,
    group_window=5.0,
    overall_every=0.0,
    edit_every=0.02,
    group_edit_every=0.02,
)
ENOUGH = LimitSettings(person_per_minute=1000, person_per_day=100_000, place_per_minute=1000, queue=1000)


async def answered(telegram: FakeTelegram, where: Chat | User, count: int = 1) -> list[Seen]:
    """The bot's messages, when so many of them are complete."""

    def complete() -> list[Seen]:
        mine = [one for one in telegram.read(where) if one.by == "Notes" and one.text != "…"]
        return [one for one in mine if not any("停止" in label or "Stop" in label for row in one.buttons for label in row)]

    await telegram.until(lambda: len(complete()) >= count)
    return complete()


@dataclass(kw_only=True)
class Scripted:
    """An `Ask` that a test moves: each question gets these snapshots, the last one final; `gate` holds back the last one."""

    snapshots: tuple[str, ...] = ("米饭煮二十分钟 [1]。",)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    held: Callable[[Question], bool] = lambda question: False
    asked: list[Question] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        self.asked.append(question)
        try:
            yield Answer(state=AnswerState.THINKING)
            for text in self.snapshots[:-1]:
                yield Answer(state=AnswerState.PARTIAL, text=text)
                await asyncio.sleep(0.05)
            if self.held(question):
                await self.gate.wait()
            yield Answer(state=AnswerState.MODEL, text=self.snapshots[-1].replace("{asked}", question.text))
        finally:
            self.ended.append(question.text)


class Cards:
    """Stands for the flashcards: a line that is `card` in small letters answers one."""

    async def command(self, person: Person, place: Place, words: str, language: str) -> Page:
        buttons = (Button(label="Source", data="q:source"), Button(label="Turn", data="q:turn"))
        return Page(text=f"card about {words}", photo=b"\x89PNG" if words == "picture" else None, key="card", buttons=buttons)

    async def press(self, person: Person, place: Place, data: str) -> Page:
        return Page(citation=citation()) if data == "q:source" else Page(text="turned", notice="well done")

    async def typed(self, person: Person, place: Place, text: str) -> Page | None:
        return Page(text="right!") if text == "card" else None

    def heard_from(self, person: Person, place: Place) -> None:
        """Nobody was lost."""


@dataclass(kw_only=True)
class Home:
    """What one bot needs; it can be started again and again."""

    telegram: FakeTelegram
    notebook: Notebook
    state: TurnStore
    admins: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    access: AccessSettings = field(default_factory=AccessSettings)
    limits: LimitSettings = ENOUGH
    inbox: str = ""
    drafts: bool = False
    """Off where a test looks at messages as they grow; see `test_sketching`."""
    model: ScriptedModel | None = field(default_factory=lambda: ScriptedModel("米饭要煮二十分钟 [1]。"))
    ask: Ask | None = None
    rates: Rates | None = QUICK
    guards: Middleware | None = None
    quizzes: Quizzes = field(default_factory=Cards)
    bot: TelegramBot | None = None

    def allow(self, *people: User) -> None:
        self.users += tuple(str(person.id) for person in people)

    def make(self) -> TelegramBot:
        section = TelegramSettings(
            admins=self.admins, allowed_users=self.users, allowed_chats=self.chats, api_url=self.telegram.url, drafts=self.drafts
        ).model_copy(update=self.settings)
        settings = Settings(telegram=section, access=self.access, limits=self.limits)
        self.guards = Middleware.of(settings, self.state.database)
        assistant = Assistant(
            notebook=self.notebook,
            state=self.state,
            models=Models(fast=self.model) if self.model else None,
            manner=AnswerStyle(every_s=0),
        )
        commands = CommandViews(notebook=self.notebook, state=self.state)
        controls = CommandRouter(
            notebook=self.notebook,
            state=self.state,
            commands=commands,
            guards=self.guards,
            quizzes=self.quizzes,
            inbox=self.inbox,
        )
        self.bot = TelegramBot(
            settings=settings,
            token=self.telegram.token,
            ask=guarded(self.ask or assistant.ask, self.guards),
            controls=controls,
            guards=self.guards,
            rates=self.rates,
        )
        return self.bot

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[TelegramBot]:
        """Served until the block ends; then everything that was begun is finished."""
        bot, stop = self.make(), asyncio.Event()
        task = asyncio.create_task(bot.run(stop))
        try:
            await self.telegram.until(lambda: task.done() or self.telegram.updates.polled or self.telegram.webhook.url)
            yield bot
        finally:
            stop.set()
            await asyncio.wait_for(task, 10)

    @asynccontextmanager
    async def killed(self) -> AsyncIterator[TelegramBot]:
        """The same, ended in the middle of everything, as by the runner's last resort."""
        bot = self.make()
        task = asyncio.create_task(bot.run(asyncio.Event()))
        try:
            await self.telegram.until(lambda: task.done() or self.telegram.updates.polled)
            yield bot
        finally:
            task.cancel()
            await asyncio.wait({task})
