"""A process to be killed: it indexes a vault, says each step, has Chroma fed, and stays. Run by `test_killed.py`."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from knowledge.notebook import Notebook
from knowledge.notes import Vault


def say(stage: str, done: int, total: int) -> None:
    print(stage, done, total, flush=True)


def main(vault: str, data: str) -> None:
    notebook = Notebook(Vault(Path(vault)), Path(data))
    notebook.index_now(say)
    asyncio.run(notebook.use_chroma())
    say("chroma", 0, 0)
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
