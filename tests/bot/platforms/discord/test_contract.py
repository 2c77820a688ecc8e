"""Discord does what every platform must do."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest

from bot.types import Ask
from tests.bot.platforms.discord.stage import POST, Stage, labels
from tests.contracts.platforms import PlatformContract, Shown
from tests.fakes.discord import Trouble


class DiscordScene:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def running(self, ask: Ask) -> AbstractAsyncContextManager[object]:
        return self.stage.running(ask)

    def asks(self, text: str, *, stranger: bool = False) -> None:
        self.stage.says(f"@bot {text}", by=self.stage.eve if stranger else self.stage.tom)

    async def begun(self) -> None:
        await self.stage.settled(lambda: self.stage.fake.said(self.stage.kitchen))

    async def answers(self, count: int = 1) -> list[Shown]:
        return [Shown(text=one.text, buttons=tuple(labels(one))) for one in await self.stage.said(count)]

    async def finished(self) -> None:
        await self.stage.finished()

    def stops(self) -> None:
        self.stage.fake.people.presses(self.stage.tom, self.stage.fake.said(self.stage.kitchen)[-1], "n:x")

    def breaks_a_connection(self) -> None:
        self.stage.fake.once(Trouble.CUT_AFTER, POST)

    def pinged(self) -> list[str]:
        return [one.text for one in self.stage.fake.live]

    def refused(self) -> list[str]:
        return [f"{one.route} {one.status} {one.answer}" for one in self.stage.fake.refusals]


class TestDiscord(PlatformContract):
    @pytest.fixture
    def scene(self, stage: Stage) -> DiscordScene:
        return DiscordScene(stage)
