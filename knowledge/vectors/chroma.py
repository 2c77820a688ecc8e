"""Vectors in a Chroma collection on disk, read through `langchain_chroma`.

Chroma's folder is not safe against a kill in the middle of a write, and a damaged one can end the process when it is opened.
So a mark lies beside the folder while it is opened or written; a mark that is found there means that somebody died doing it,
and the folder is thrown away: everything in it is fed again from the catalog.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from filelock import FileLock, Timeout

from knowledge.vectors.protocol import Vector, VectorsBroken, VectorsTaken

if TYPE_CHECKING:
    from chromadb import Collection as ChromaCollection
    from chromadb.api.client import Client
    from langchain_chroma import Chroma

PAGE = 5000
"""Rows read or dropped at a time; Chroma takes 5,461 in one call."""

FOUND = 0.99
"""The similarity of a vector to itself, as far as rounding goes."""


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
