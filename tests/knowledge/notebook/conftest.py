from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.knowledge.embedders import TopicEmbedder

OpenNotebook = Callable[..., Notebook]


@pytest.fixture
def embedder() -> TopicEmbedder:
    return TopicEmbedder()


@pytest.fixture
def open_notebook(vault: Path, data: Path, embedder: TopicEmbedder) -> Iterator[OpenNotebook]:
    """Opens the notebook of the vault, as often as one wants; all are closed at the end."""
    opened: list[Notebook] = []

    def open_notebook(**options: Any) -> Notebook:
        notebook = Notebook(Vault(vault), data, **{"embedder": embedder} | options)
        opened.append(notebook)
        return notebook

    yield open_notebook
    for notebook in opened:
        notebook.close()
