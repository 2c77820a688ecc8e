"""A notebook goes in and is brought up to date in a thread, which can be told to stop."""

from __future__ import annotations

import asyncio
import threading

from knowledge.notebook import IndexReport, Notebook, Progress


class Stopped(Exception):
    """Raised in the thread, between two notes, once nobody wants them read any more."""


def _unseen(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


async def read_notes(notebook: Notebook, progress: Progress = _unseen) -> IndexReport:
    """As `Notebook.index`. When cancelled, the thread ends after the note at hand, and only then is the notebook to be closed."""
    stopping = threading.Event()

    def watched(stage: str, done: int, total: int) -> None:
        if stopping.is_set():
            raise Stopped
        progress(stage, done, total)

    reading = asyncio.ensure_future(notebook.index(watched))
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        stopping.set()
        await asyncio.wait([reading])
        if not reading.cancelled():
            reading.exception()  # stopped or failed: nobody waits for the reason
        raise
