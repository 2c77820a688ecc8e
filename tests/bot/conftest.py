"""Shared by the tests of the bot: a small vault and its notebook, a database, a model server, and no settings from outside."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.commands.views import CommandViews
from bot.storage import TurnStore
from knowledge.notebook import Notebook
from tests.bot.making import NOTES, indexed, write
from tests.fakes.ollama import FakeOllama


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith(("NOTESBOT_", "OLLAMA_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NOTESBOT_NOTES__LIMIT_S", "0")  # to start a process takes each test half a second


@pytest.fixture
def notes(vault: Path) -> Path:
    """A vault with a Chinese and an English note."""
    return write(vault, NOTES)


@pytest.fixture
def notebook(notes: Path, data: Path) -> Iterator[Notebook]:
    opened = indexed(notes, data)
    yield opened
    opened.close()


@pytest.fixture
async def state(data: Path) -> AsyncIterator[TurnStore]:
    opened = await TurnStore.open_file(data / "state.sqlite")
    yield opened
    await opened.close()


@pytest.fixture
def commands(notebook: Notebook, state: TurnStore) -> CommandViews:
    return CommandViews(notebook=notebook, state=state)


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as server:
        yield server
