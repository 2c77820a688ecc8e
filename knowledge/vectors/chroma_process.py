"""Chroma in a process of its own: rows of a catalog are fed to it there, and the nearest ones are asked for over a pipe.

Chroma holds the interpreter while it writes (a twentieth of a second and more for every batch), and a damaged folder can end
the process that opens it. Apart, neither is felt by the people who are talking with the bot.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from knowledge.catalog import Catalog
from knowledge.vectors import ChromaVectors, Vector, VectorsBroken, VectorsTaken, feed

log = logging.getLogger(__name__)

BATCH = 200
"""Vectors fed between two looks at the pipe: about a fifth of a second, which is as long as a question may wait."""
SAMPLES = 16
"""Vectors that are looked for when the folder has been opened."""
PATIENCE_S = 5.0
"""A process that says nothing for so long is given up."""
GOODBYE_S = 10.0
"""For what it is writing; after that it is ended, and the next start feeds the folder anew."""

READY, TAKEN = "ready", "taken"
FEED = "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the process serves."""

    folder: Path
    collection: str
    catalog: Path
    model: str


class ChromaProcess:
    """The handle on the process. Its methods are called under one lock."""

    def __init__(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, job), name="notesbot-chroma", daemon=True)
        self._process.start()
        theirs.close()
        self._ready = False

    def is_ready(self) -> bool:
        """True once everything that was in the catalog at the start has been fed; until then `nearest` may not be called.

        Raises:
            VectorsTaken, VectorsBroken: it never will be.
        """
        with self._broken_pipe_told():
            if not self._ready and self._pipe.poll():
                if self._pipe.recv() == TAKEN:
                    raise VectorsTaken("another process has the Chroma folder open")
                self._ready = True
        return self._ready

    def nearest(self, vector: Vector, count: int) -> list[tuple[int, float]]:
        """As for every vector store."""
        with self._broken_pipe_told():
            self._pipe.send((np.asarray(vector, np.float32), count))
            if not self._pipe.poll(PATIENCE_S):
                raise VectorsBroken("Chroma's process does not answer")
            found: list[tuple[int, float]] = self._pipe.recv()
            return found

    def feed(self) -> None:
        """Have it take up what changed in the catalog; it goes on answering meanwhile."""
        with self._broken_pipe_told():
            self._pipe.send(FEED)

    def close(self) -> None:
        """Let it finish what it writes, and end it."""
        self._pipe.close()
        self._process.join(GOODBYE_S)
        self._process.kill()

    @contextmanager
    def _broken_pipe_told(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError) as error:
            raise VectorsBroken(f"Chroma's process has ended (exit code {self._process.exitcode})") from error


def serve(pipe: Connection, job: Job) -> None:
    """The process: feed what lacks, say so, then answer until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who talks; the closed pipe says when to end
    try:
        store = ChromaVectors(job.folder, collection=job.collection)
    except VectorsTaken:
        pipe.send(TAKEN)
        return
    catalog = Catalog(job.catalog)
    with _end_of_talk():
        if not store.finds_itself(_samples(store, catalog, job.model)):
            log.warning("%s: a part of it is lost: it is fed anew", job.folder)
            store.begin_anew()
        _feed(store, catalog, job.model, pipe)
        pipe.send(READY)
        while True:
            _answer(store, catalog, job.model, pipe)
    store.close()


@contextmanager
def _end_of_talk() -> Iterator[None]:
    """The other side is gone (closed on purpose, or dead), or the folder is broken, which the next start mends."""
    try:
        yield
    except (EOFError, BrokenPipeError, ConnectionResetError, VectorsBroken) as error:
        log.debug("Chroma's process ends: %r", error)  # the other side sees the pipe closed, and says what it means


def _answer(store: ChromaVectors, catalog: Catalog, model: str, pipe: Connection) -> None:
    """Take one message, waiting for it."""
    message = pipe.recv()
    if message == FEED:
        _feed(store, catalog, model, pipe)
    else:
        pipe.send(store.nearest(*message))


def _samples(store: ChromaVectors, catalog: Catalog, model: str) -> list[Vector]:
    """Some vectors that the store must hold, from all over it."""
    there = sorted(store.rows().intersection(catalog.rows().tolist()))
    some = there[:: max(1, len(there) // SAMPLES)]
    return [vector for _, vector, _ in catalog.vectors(model, some) if vector.any()]


def _feed(store: ChromaVectors, catalog: Catalog, model: str, pipe: Connection) -> None:
    for _ in feed(store, live=catalog.rows().tolist(), fetch=lambda rows: catalog.vectors(model, rows), batch=BATCH):
        if pipe.poll():
            _answer(store, catalog, model, pipe)
