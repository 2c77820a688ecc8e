"""A stage for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.storage import TurnStore
from knowledge.notebook import Notebook
from tests.bot.platforms.discord.stage import Stage
from tests.fakes.discord import FakeDiscord


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as server:
        yield server


@pytest.fixture
def stage(fake: FakeDiscord, notebook: Notebook, state: TurnStore) -> Stage:
    return Stage(fake, notebook, state)
