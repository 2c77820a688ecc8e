"""A catalog's cached vectors go in; the passages nearest to a question come out: exact at once, from Chroma when it is open."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from knowledge.catalog import Catalog
from knowledge.vectors import ChromaVectors, Embedder, EmbeddingFailed, ExactVectors, Vector, VectorsBroken, VectorsTaken, feed

log = logging.getLogger(__name__)

CHROMA_BATCH = 16
"""Vectors given to Chroma at a time: its writes hold the interpreter for 0.7 ms each, and a bot is answering meanwhile."""
EXACT_BATCH = 500


class Neighbours:
    """The vector ranking of one catalog. `nearest` is called by one thread, the rest by another."""

    def __init__(self, catalog: Catalog, embedder: Embedder, folder: Path) -> None:
        self.share = embedder.share
        self._catalog = catalog
        self._embedder = embedder
        self._folder = folder
        self._exact = ExactVectors()
        self._chroma: ChromaVectors | None = None
        self._revision = -1

    def nearest(self, question: str, count: int) -> tuple[list[tuple[int, float]], str]:
        """Pairs of row and similarity, and why there are none if a model or a store failed."""
        try:
            vector = self._embedder.embed_question(question)
            if self._chroma:
                return self._chroma.nearest(vector, count), ""
            self._feed_exact()
            return self._exact.nearest(vector, count), ""
        except EmbeddingFailed as error:
            return [], str(error)
        except VectorsBroken as error:
            log.warning("%s: the vectors are read from the cache until the next start, which feeds Chroma anew", error)
            self._chroma = None
            return [], str(error)

    def open_chroma(self, collection: str) -> None:
        """Open the collection, feed it what it lacks, and search in it from then on."""
        try:
            chroma = ChromaVectors(self._folder, collection=collection)
            self._feed(chroma)
        except VectorsTaken as error:
            log.info("%s: vectors are compared one by one in this process", error)
            return
        except VectorsBroken as error:
            log.warning("%s: vectors are compared one by one until the next start", error)
            return
        self._chroma, self._exact = chroma, ExactVectors()

    def feed_chroma(self) -> None:
        """Take over what was indexed; does nothing while Chroma is not open."""
        if self._chroma:
            self._feed(self._chroma)

    def close(self) -> None:
        if self._chroma:
            self._chroma.close()
            self._chroma = None

    def _feed(self, chroma: ChromaVectors) -> None:
        feed(chroma, live=self._catalog.rows().tolist(), fetch=self._fetch, batch=CHROMA_BATCH)

    def _feed_exact(self) -> None:
        revision = self._catalog.revision()
        if revision != self._revision:
            feed(self._exact, live=self._catalog.rows().tolist(), fetch=self._fetch, batch=EXACT_BATCH)
            self._revision = revision

    def _fetch(self, rows: Sequence[int]) -> list[tuple[int, Vector, str]]:
        return self._catalog.vectors(self._embedder.name, rows)
