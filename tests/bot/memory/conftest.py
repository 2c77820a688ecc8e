"""A memory on a new database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.memory.making import Talk


@pytest.fixture
async def talk(data: Path) -> AsyncIterator[Talk]:
    opened = await Talk.open(data / "state.sqlite")
    yield opened
    await opened.close()
