"""The program in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.cli.running import Program
from tests.bot.cli.starting import Starter


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter | None]:
    if not hasattr(os, "fork"):
        yield None
        return
    opened = Starter(tmp_path_factory.mktemp("starter") / "socket")
    yield opened
    opened.close()


@pytest.fixture
def run(tmp_path: Path, starter: Starter | None) -> Program:
    return Program(folder=tmp_path, starter=starter)


@pytest.fixture
def where(notes: Path, data: Path) -> tuple[str | Path, ...]:
    """The options that name the small vault and a data folder."""
    return ("--notes", notes, "--data", data)
