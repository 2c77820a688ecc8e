"""Shared by all tests: folders to write in, the owner's notes where they are at hand, and how far properties are searched."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same cases on every machine; `pytest --hypothesis-profile=search` looks for new ones.
settings.register_profile("tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, max_examples=5000, suppress_health_check=list(HealthCheck))
settings.load_profile("tests")

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """An empty folder of notes."""
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder for what is derived; nobody has made it yet."""
    return tmp_path / "data"


@pytest.fixture
def shared() -> Path:
    """The folder beside the repository that holds a study group's own notes; tests that need it are skipped elsewhere."""
    folder = REPOSITORY / ".." / "shared"
    if not folder.is_dir():
        pytest.skip("no shared notes beside the repository")
    return folder
