"""The program in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.cli.running import Program


@pytest.fixture
def run(tmp_path: Path) -> Program:
    return Program(folder=tmp_path)


@pytest.fixture
def where(notes: Path, data: Path) -> tuple[str | Path, ...]:
    """The options that name the small vault and a data folder."""
    return ("--notes", notes, "--data", data)
