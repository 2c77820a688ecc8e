"""Vector ranking: the passages nearest to a question, exact at once, from Chroma when it is fed."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from pathlib import Path

from knowledge.catalog import Catalog
from knowledge.passages import digest_of
from knowledge.text.query_terms import EVERYDAY
from knowledge.vectors import Embedder, ExactVectors, Vector, VectorsBroken, VectorsTaken, feed
from knowledge.vectors.chroma import ChromaProcess, Job

log = logging.getLogger(__name__)

EXACT_BATCH = 500
MOST_LATELY = 1000
"""Vectors kept in memory because people ask about the same passages."""
REST_S = 60.0
"""Between the end of a broken Chroma process and the start of another one."""


class VectorRanking:
    """The vector ranking of one catalog; its methods are called under one lock."""

    def __init__(self, catalog: Catalog, embedder: Embedder, folder: Path) -> None:
        self.share = embedder.share
        self.finds_meaning = embedder.finds_meaning
        self._catalog = catalog
        self._embedder = embedder
        self._folder = folder
        self._exact = ExactVectors()
        self._revision = -1
        self._lately = ExactVectors()
        """Of passages that were compared since the index last changed."""
        self._lately_revision = -1
        self._chroma: ChromaProcess | None = None
        self._job: Job | None = None
        self._broken_at = -REST_S

    def nearest(self, vector: Vector, count: int) -> list[tuple[int, float]]:
        """Pairs of row and similarity, the nearest first."""
        try:
            if self._chroma and self._chroma.is_ready():
                self._exact, self._revision = ExactVectors(), -1
                return self._chroma.nearest(vector, count)
        except (VectorsBroken, VectorsTaken) as error:
            self._give_up(error)
        return self._nearest_exactly(vector, count)

    def compare(self, vector: Vector, rows: Sequence[int]) -> list[tuple[int, float]]:
        """Pairs of row and similarity for those of `rows` that have a vector."""
        revision = self._catalog.revision()
        if revision != self._lately_revision or len(self._lately) > MOST_LATELY:
            self._lately, self._lately_revision = ExactVectors(), revision
        lacking = [row for row in rows if row not in self._lately]
        if lacking:
            self._lately.add(self._vectors(lacking))
        return self._lately.compare(vector, rows)

    def everyday_similarities(self) -> list[float]:
        """How near a passage comes to each of the everyday questions that have a vector."""
        vectors = self._catalog.question_vectors(self._embedder.name, map(digest_of, EVERYDAY))
        found = [self.nearest(vector, 1) for vector in vectors.values()]
        return [near[0][1] for near in found if near]

    def use_chroma(self) -> None:
        """Have Chroma opened and fed in a process of its own; searches go there as soon as that is done. Once is enough."""
        if self._chroma:
            return
        collection = f"{self._catalog.birth():x}-{re.sub(r'[^a-zA-Z0-9]+', '-', self._embedder.name).strip('-')}"[:500]
        self._job = Job(folder=self._folder, collection=collection, catalog=self._catalog.file, model=self._embedder.name)
        self._chroma = ChromaProcess(self._job)

    def feed_chroma(self) -> None:
        """Have Chroma take over what was indexed; start it again if it broke some time ago."""
        try:
            if self._chroma:
                self._chroma.feed()
            elif self._job and time.monotonic() - self._broken_at >= REST_S:
                self._chroma = ChromaProcess(self._job)
        except VectorsBroken as error:
            self._give_up(error)

    def close(self) -> None:
        if self._chroma:
            self._chroma.close()
            self._chroma = None

    def _give_up(self, error: VectorsBroken | VectorsTaken) -> None:
        log.log(logging.INFO if isinstance(error, VectorsTaken) else logging.WARNING, "%s: vectors are compared here", error)
        self._broken_at = time.monotonic()
        self.close()

    def _nearest_exactly(self, vector: Vector, count: int) -> list[tuple[int, float]]:
        revision = self._catalog.revision()
        if revision != self._revision:
            for _ in feed(self._exact, live=self._catalog.rows().tolist(), fetch=self._vectors, batch=EXACT_BATCH):
                pass
            self._revision = revision
        return self._exact.nearest(vector, count)

    def _vectors(self, rows: Sequence[int]) -> list[tuple[int, Vector, str]]:
        return self._catalog.vectors(self._embedder.name, rows)
