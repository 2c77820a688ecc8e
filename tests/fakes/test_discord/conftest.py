"""A fake at which discord.py is pointed, a place in it, and a bot that is connected."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.discord import FakeDiscord, pointed_at
from tests.fakes.test_discord.bot import Bot, Place, running


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as server:
        with pointed_at(server):
            yield server


@pytest.fixture
def place(fake: FakeDiscord) -> Place:
    return Place(fake)


@pytest.fixture
async def bot(fake: FakeDiscord, place: Place) -> AsyncIterator[Bot]:
    async with running(fake) as client:
        yield client


@pytest.fixture
async def synced(bot: Bot) -> Bot:
    await bot.tree.sync()
    return bot
