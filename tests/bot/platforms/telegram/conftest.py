"""Shared by the tests of Telegram: the fake server, somebody who may ask, and a home for the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.storage import TurnStore
from knowledge.notebook import Notebook
from tests.bot.platforms.telegram.serving import Home
from tests.fakes.telegram import Chat, FakeTelegram, User


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
def alice(telegram: FakeTelegram) -> User:
    return telegram.world.person("Alice", username="alice", language="zh-hans")


@pytest.fixture
def bob(telegram: FakeTelegram) -> User:
    return telegram.world.person("Bob", username="bob", language="en")


@pytest.fixture
def group(telegram: FakeTelegram, alice: User, bob: User) -> Chat:
    return telegram.world.supergroup("厨房", members=[alice, bob])


@pytest.fixture
def home(telegram: FakeTelegram, notebook: Notebook, state: TurnStore, alice: User) -> Home:
    one = Home(telegram=telegram, notebook=notebook, state=state)
    one.allow(alice)
    return one
