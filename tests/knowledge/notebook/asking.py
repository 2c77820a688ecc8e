"""Short ways to ask a notebook, and to wait for another process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knowledge.notebook import Notebook, Query

HOBBIES = {
    "chess.md": "# 象棋\n\n象棋的棋手要算得很远。\n",
    "cooking.md": "# 做饭\n\n煮汤要用小火，做饭要有耐心。\n",
    "music.md": "# 音乐\n\n小提琴的音乐要天天练。\n",
    "weather.md": "# 天气\n\n下雨的天气里什么也做不了。\n",
}


def hits(notebook: Notebook, question: str, **options: Any) -> list[str]:
    """Paths of the notes found, best first."""
    return [hit.passage.path for hit in notebook.search_now(Query(question=question, **options)).hits]


def texts(notebook: Notebook, question: str, **options: Any) -> list[str]:
    """Texts of the passages found, best first."""
    return [hit.passage.text for hit in notebook.search_now(Query(question=question, **options)).hits]


def index_file(data: Path) -> Path:
    (file,) = data.glob("index-*.sqlite")
    return file


def wait_until(true: Callable[[], bool]) -> None:
    """Give another process or thread the time it needs; a minute is for machines that are very busy."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
