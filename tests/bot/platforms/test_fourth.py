"""A platform that the program has never heard of does what every platform must do, from one line in the settings."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from random import Random
from typing import Any

import pytest

from bot.cli.run import _connect
from bot.commands import CommandRouter
from bot.commands.views import CommandViews
from bot.middleware import Middleware, guarded
from bot.storage import Ledger, TurnStore
from bot.types import Ask, Delivery, Page, Place
from knowledge.notebook import Notebook
from tests.contracts.platforms import PlatformContract, Shown
from tests.fakes.nonsense import mangled
from tests.fakes.pipe import SERVERS, PipedSettings, PipePlatform, PipeSettings
from tests.fakes.pipe.server import PipeServer, Post

STOP = ("停止", "Stop")


class PipeScene:
    """A room with Ann, who may ask; Bob is the stranger, and writes in private."""

    def __init__(self, notebook: Notebook, state: TurnStore) -> None:
        self.server = SERVERS["line"] = PipeServer()
        self._notebook, self._state = notebook, state
        self._last: dict[str, Any] = {}

    @asynccontextmanager
    async def running(self, ask: Ask) -> AsyncIterator[PipePlatform]:
        settings = PipedSettings(pipe=PipeSettings(allowed_users=("1",)))
        guards = Middleware.of(settings, self._state.database)
        commands = CommandViews(notebook=self._notebook, state=self._state)
        controls = CommandRouter(notebook=self._notebook, state=self._state, commands=commands, guards=guards)
        parts = type("Parts", (), {"settings": settings, "state": self._state})
        make = partial(_connect, settings.platforms["pipe"].package, "line")
        platform = make(parts, guarded(ask, guards), controls, guards)  # type: ignore[arg-type]
        assert isinstance(platform, PipePlatform)
        task = asyncio.create_task(platform.run(asyncio.Event()))
        try:
            yield platform
        finally:
            task.cancel()
            await asyncio.wait({task})

    def asks(self, text: str, *, stranger: bool = False, at: float | None = None) -> None:
        where = {"by": "2", "room": "~bob"} if stranger else {"by": "1", "room": "kitchen"}
        line = {**where, "text": text, "at": at or time.time()}
        self._last = {**line, "edits": self.server.write(line)}

    def edits(self, text: str) -> None:
        self.server.write({**self._last, "text": text, "at": time.time()})

    def sends_nonsense(self, seed: int, count: int) -> None:
        random = Random(seed)
        line = {"id": 10**6, "by": "2", "room": "kitchen", "text": "/x", "at": time.time()}
        for _ in range(count):
            told = random.choice((json.dumps(mangled(line, random)), "no JSON", "[]", "null"))
            self.server.write(told)

    async def leaves_unanswered(self, text: str, *, minutes: int, stranger: bool = False) -> None:
        self.asks(text, stranger=stranger, at=time.time() - 60 * minutes)

    async def begun(self) -> None:
        await self._until(lambda: bool(self.server.posts))

    async def answers(self, count: int = 1) -> list[Shown]:
        def complete() -> list[Post]:
            return [one for one in self.server.posts.values() if not any(label in STOP for label, _ in one.buttons)]

        await self._until(lambda: len(complete()) >= count)
        return [Shown(text=one.text, buttons=tuple(label for label, _ in one.buttons)) for one in complete()]

    async def finished(self) -> None:
        await self._until(lambda: self.server.is_read)
        async with asyncio.timeout(10):
            while await Ledger(self._state.database).unfinished("pipe:1"):
                await asyncio.sleep(0.01)

    def stops(self) -> None:
        pressed = next(iter(self.server.posts))
        self.server.write({"by": "1", "room": "kitchen", "text": "x", "pressed": pressed, "at": time.time()})

    def breaks_a_connection(self) -> None:
        self.server.cuts = 1

    def pinged(self) -> list[str]:
        """Nobody can be rung up here."""
        return []

    def refused(self) -> list[str]:
        return self.server.refused

    async def _until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                await self.server.wait()


@pytest.fixture
def scene(notebook: Notebook, state: TurnStore) -> PipeScene:
    return PipeScene(notebook, state)


class TestPipe(PlatformContract):
    async def test_pages_are_delivered_unasked(self, scene: PipeScene) -> None:
        async with scene.running(ask=nobody) as platform:
            kitchen, page = Place(platform="pipe", chat="kitchen", private=False), Page(text="提醒")
            assert await platform.deliver(kitchen, page) is Delivery.NOT_NOW
            while not platform.is_ready:
                await asyncio.sleep(0.01)
            assert await platform.deliver(kitchen, page) is Delivery.DELIVERED
            assert [one.text for one in await scene.answers()] == ["提醒"]
        assert await platform.deliver(kitchen, page) is Delivery.NOT_NOW


async def nobody(question: object) -> AsyncIterator[Any]:
    raise AssertionError(question)
    yield
