"""A database, a clock and a quiz over them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.quiz.router import Quiz
from bot.storage import Database
from bot.storage.cards import Learner
from tests.bot.quiz.making import Chat, Clock


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    opened = await Database.open_file(data / "state.sqlite")
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quiz(database: Database, clock: Clock) -> Quiz:
    return Quiz(database=database, vault="v", defaults=Learner(new_per_day=10), clock=clock, sleep=clock.sleep)


@pytest.fixture
def chat(quiz: Quiz) -> Chat:
    return Chat(quiz)
