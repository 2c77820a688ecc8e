"""Vectors in a Chroma collection on disk, held by a process of its own that is fed and asked over a pipe.

Chroma's folder is not safe against a kill in the middle of a write, and a damaged one can end the process when it is opened.
So a mark lies beside the folder while it is opened or written; a mark that is found there means that somebody died doing it,
and the folder is thrown away: everything in it is fed again from the catalog. Chroma also holds the interpreter while it
writes (a twentieth of a second and more for every batch). In a process apart, neither is felt by those who talk with the bot.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from filelock import FileLock, Timeout

from knowledge.vectors.stores import Vector, VectorsBroken, VectorsTaken, feed

if TYPE_CHECKING:
    from chromadb import Collection as ChromaCollection
    from chromadb.api.client import Client
    from langchain_chroma import Chroma
import logging
import multiprocessing
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np

from knowledge.catalog import Catalog

PAGE = 5000
"""Rows read or dropped at a time; Chroma takes 5,461 in one call."""

FOUND = 0.99
"""The similarity of a vector to itself, as far as rounding goes."""

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


class ChromaVectors:
    """A `Vectors` store in one collection of `folder`, held by one process at a time until `close`.

    Raises (when it is made):
        VectorsTaken: another process has the folder open; Chroma would show each only its own writes.
    """

    def __init__(self, folder: Path, *, collection: str) -> None:
        self._folder = folder
        self._mark = folder.with_name(folder.name + ".busy")
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _held(folder.with_name(folder.name + ".lock"))
        if self._mark.exists():
            self._throw_away()
        self._name = collection
        self._client, self._collection, self._reader = self._open_or_begin_anew(collection)

    def rows(self) -> set[int]:
        rows: set[int] = set()
        with self._vendor_errors():
            while page := self._collection.get(limit=PAGE, offset=len(rows), include=[])["ids"]:
                rows.update(map(int, page))
        return rows

    def add(self, vectors: Sequence[tuple[int, Vector, str]]) -> None:
        if not vectors:
            return
        with self._marked(), self._vendor_errors():
            self._collection.upsert(
                ids=[str(row) for row, _, _ in vectors],
                embeddings=[vector.astype("float32") for _, vector, _ in vectors],
                documents=[words for _, _, words in vectors],
            )

    def drop(self, rows: Collection[int]) -> None:
        ids = [str(row) for row in rows]
        with self._marked(), self._vendor_errors():
            for start in range(0, len(ids), PAGE):
                self._collection.delete(ids=ids[start : start + PAGE])

    def nearest(self, vector: Vector, count: int) -> list[tuple[int, float]]:
        with self._vendor_errors():
            found = self._reader.similarity_search_by_vector_with_relevance_scores(vector.tolist(), k=count)
        # In cosine space Chroma's "score" is a distance, 1 - similarity.
        return [(int(document.id or 0), 1.0 - distance) for document, distance in found]

    def finds_itself(self, some: Sequence[Vector]) -> bool:
        """True when vectors that were added are found: an index that lost a part of its file opens, and answers nonsense.

        The index is approximate, so that one of them may be missed.
        """
        best = [self.nearest(vector, 1) for vector in some]
        return sum(bool(found) and found[0][1] > FOUND for found in best) >= len(some) - 1

    def begin_anew(self) -> None:
        """Throw everything away, and be empty."""
        self._client.close()
        self._throw_away()
        self._client, self._collection, self._reader = self._open(self._name)

    def close(self) -> None:
        """Let another process have the folder."""
        self._client.close()
        self._lock.release()

    def _open_or_begin_anew(self, name: str) -> tuple[Client, ChromaCollection, Chroma]:
        try:
            return self._open(name)
        except VectorsBroken:
            self._throw_away()
            return self._open(name)

    def _open(self, name: str) -> tuple[Client, ChromaCollection, Chroma]:
        """Open the collection and look at one vector, which a damaged index fails; other collections are of other models."""
        from chromadb import PersistentClient
        from chromadb.config import Settings
        from langchain_chroma import Chroma

        with self._marked(), self._vendor_errors():
            client = cast("Client", PersistentClient(str(self._folder), Settings(anonymized_telemetry=False)))
            for other in client.list_collections():
                if other.name != name:
                    client.delete_collection(other.name)
            space = {"hnsw:space": "cosine"}
            collection = client.get_or_create_collection(name, embedding_function=None, metadata=space)
            collection.get(limit=1, include=["embeddings"])
            return client, collection, Chroma(client=client, collection_name=name, collection_metadata=space)

    def _throw_away(self) -> None:
        from chromadb.api.shared_system_client import SharedSystemClient

        SharedSystemClient.clear_system_cache()  # Chroma would go on with what it knew of the folder
        if self._folder.is_dir():
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            self._folder.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)

    @contextmanager
    def _marked(self) -> Iterator[None]:
        """The mark stays when the process dies in here, and when Chroma fails."""
        self._mark.touch()
        yield
        self._mark.unlink(missing_ok=True)

    @contextmanager
    def _vendor_errors(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, ValueError, OSError, AttributeError, KeyError, RuntimeError) as error:
            # The latter three are what Chroma's own code stumbles over when a part of its folder is damaged.
            raise VectorsBroken(f"{self._folder}: {error}") from error


def _held(file: Path) -> FileLock:
    lock = FileLock(file, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise VectorsTaken(f"{file}: another process has this index open") from error
    return lock


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
