"""The notes as the rest of the program sees them: kept up to date, searched, looked up. Blocking work runs in threads."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from knowledge.catalog import Catalog, CatalogBroken
from knowledge.index.entries import Enrichments
from knowledge.index.indexer import IndexGenerations, IndexReport, Progress, bring_up_to_date, embed_what_lacks
from knowledge.index.note_reader import DirectReader, NoteReader, NoteSource, ProcessReader
from knowledge.notes import Vault
from knowledge.overview import NoteSummary, OutlinePiece, summarize
from knowledge.passages import SplitLimits
from knowledge.search import postings_file
from knowledge.search.context import LEANS, STRONG, Context
from knowledge.search.query import Query
from knowledge.search.searcher import Searcher, SearchResult, asker_of, floor_of
from knowledge.text import Dictionary, Thesaurus, dictionary_file
from knowledge.text.aliases import in_force
from knowledge.types import Alias, FrontMatter, Note, Passage, Skipped
from knowledge.vectors import Embedder, EmbeddingFailed, HashedNgrams, Vector
from knowledge.vectors.nearest import VectorRanking

__all__ = ["LEANS", "STRONG", "Context", "IndexReport", "Notebook", "Progress", "Query", "SearchResult"]

log = logging.getLogger(__name__)
T = TypeVar("T")
Shape = tuple[str, str, tuple[str, ...], int, str]
"""See `Catalog.shapes`."""


class IndexingStopped(Exception):
    """Raised in the thread, between two notes, once nobody wants them read any more."""


def _unseen(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


class Notebook:
    """One vault and its index in the folder `data`. Searching and indexing do not wait for each other."""

    def __init__(
        self,
        vault: Vault,
        data: Path,
        *,
        embedder: Embedder | None = None,
        limits: SplitLimits | None = None,
        enriched: bool = False,
        limit_s: float = 0.0,
    ) -> None:
        """`limit_s` is for how long one note may be read, in a process of its own; 0 reads the notes here, whatever it takes."""
        self.vault = vault
        self.folder = data
        self._limits = limits or SplitLimits()
        enrichments = data / "enrichments.sqlite"
        self._embedder = embedder or HashedNgrams()
        self._enrichments = Enrichments(enrichments) if enriched else None
        source = NoteSource(vault=vault, limits=self._limits, enrichments=enrichments if enriched else None)
        self._reader_of_notes: NoteReader = ProcessReader(source, limit_s) if limit_s else DirectReader(source)
        self._shelf = IndexGenerations(data, self._limits, enriched=enriched)
        self._dictionary = Dictionary(dictionary_file(data))
        self._searcher: Searcher | None = None
        self._summaries: tuple[tuple[int, int], tuple[NoteSummary, ...]] = ((-1, -1), ())
        self._chroma_wanted = False
        self._indexing = threading.Lock()
        self._searching = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="search")
        """Many that wait for one lock in as many threads would hinder the one that holds it."""

    # What the program awaits

    async def index(self, progress: Progress = _unseen) -> IndexReport:
        """Bring the index up to date with the vault. For errors see `bring_up_to_date`.

        When cancelled, the thread ends after the note at hand, and only then is the notebook to be closed.
        """
        stopping = threading.Event()

        def watched(stage: str, done: int, total: int) -> None:
            if stopping.is_set():
                raise IndexingStopped
            progress(stage, done, total)

        indexing = asyncio.ensure_future(asyncio.to_thread(self.index_now, watched))
        try:
            return await asyncio.shield(indexing)
        except asyncio.CancelledError:
            stopping.set()
            await asyncio.wait([indexing])
            if not indexing.cancelled():
                indexing.exception()  # stopped or failed: nobody waits for the reason
            raise

    async def search(self, search: Query) -> SearchResult:
        """Find the passages that answer a question."""
        vector, problem = await self._vector(search.question)
        found = await self._reading(lambda searcher: searcher.search(search, vector))
        return replace(found, problem=problem)

    async def read(self, path: str) -> Note | Skipped:
        """A note as it is on disk at this moment."""
        return await asyncio.to_thread(self.vault.read, path)

    async def summaries(self) -> tuple[NoteSummary, ...]:
        """Every note in a few words, by path."""
        return await self._reading(self._summaries_now)

    async def aliases(self) -> tuple[Alias, ...]:
        """The names that the notes and their owner give one thing, the owner's first."""
        return in_force(await self._reading(lambda searcher: searcher.catalog.aliases()))

    async def thesaurus(self) -> Thesaurus:
        """What else the notes and the dictionary call things."""
        return await self._reading(lambda searcher: searcher.thesaurus())

    async def is_indexed(self) -> bool:
        """True when the whole vault has been indexed once, so that a search finds what it should."""
        return await self._reading(lambda searcher: searcher.catalog.is_complete())

    async def refused(self) -> list[Skipped]:
        """The notes that could not be read when the index was brought up to date, and why."""
        refused = await self._reading(lambda searcher: searcher.catalog.refused())
        return [Skipped(path=note.path, why=note.why, refused=True) for note in refused]

    async def size(self) -> tuple[int, int]:
        """How many notes and passages are indexed."""
        return await self._reading(lambda searcher: searcher.catalog.counts())

    async def passages(self) -> list[Passage]:
        """Every passage, note by note."""
        return await self._reading(lambda searcher: list(searcher.catalog.all_passages()))

    async def passages_of(self, path: str) -> tuple[Passage, ...]:
        """The passages of one note, in order."""
        return tuple(await self._reading(lambda searcher: searcher.catalog.passages_of_note(path)))

    async def not_enriched(self) -> list[Passage]:
        """The passages about which nothing is written yet, each text once."""
        by_digest = {passage.digest: passage for passage in await self.passages()}
        done = await asyncio.to_thread(self._enrichments.of, by_digest) if self._enrichments else {}
        return [passage for digest, passage in by_digest.items() if digest not in done]

    async def enrich(self, digest: str, words: str) -> None:
        """Keep what was written about a passage; the next `index` takes it up. Without `enriched`, nothing is kept."""
        if self._enrichments:
            await asyncio.to_thread(self._enrichments.put, digest, words)

    async def use_chroma(self) -> None:
        """Have the Chroma collection opened and fed, which takes seconds; searches use it as soon as it is complete."""
        self._chroma_wanted = True
        await self._reading(lambda searcher: searcher.neighbours.use_chroma())

    async def what_is_broken(self) -> str:
        """What SQLite finds wrong with the index; empty when nothing is."""
        verdict = await asyncio.to_thread(lambda: self._shelf.to_read().check())
        return "" if verdict == "ok" else verdict

    # What a thread does

    def index_now(self, progress: Progress = _unseen) -> IndexReport:
        with self._indexing:
            try:
                report = self._index(self._shelf.to_write(), progress)
            except CatalogBroken as error:
                with self._searching:
                    log.warning("%s: the index is built anew from the notes", error)
                    catalog = self._shelf.begin_anew()
                report = self._index(catalog, progress)
        with self._searching:
            self._reader().neighbours.feed_chroma()
            self._shelf.drop_others()
        return report

    def search_now(self, search: Query) -> SearchResult:
        """The question is embedded first, so that nobody waits for another one's embedding."""
        vector, problem = self._embedded(search.question)
        return replace(self._healing(lambda searcher: searcher.search(search, vector)), problem=problem)

    def _summaries_now(self, searcher: Searcher) -> tuple[NoteSummary, ...]:
        """Made anew once the index has changed."""
        catalog = searcher.catalog
        state = (catalog.birth(), catalog.revision())
        if self._summaries[0] != state:
            self._summaries = (state, _summaries_of(catalog))
        return self._summaries[1]

    def close(self) -> None:
        """Give back files and locks; a search that still runs in a thread is waited for."""
        self._thread.shutdown()
        with self._searching:
            if self._searcher:
                self._searcher.neighbours.close()
                self._searcher = None
            self._shelf.close()

    def _index(self, catalog: Catalog, progress: Progress) -> IndexReport:
        report = bring_up_to_date(self.vault, catalog, self._reader_of_notes, progress, self._enrichments)
        try:
            embed_what_lacks(catalog, self._embedder, progress)
        except EmbeddingFailed as error:
            report.problems.append(Skipped(path="", why=f"not embedded yet: {error}"))
        catalog.drop_unused_vectors(self._embedder.name)
        postings_file.bring_up_to_date(catalog, lambda index: floor_of(asker_of(catalog, index, self._dictionary)))
        return report

    def _embedded(self, question: str) -> tuple[Vector | None, str]:
        try:
            return self._embedder.embed_question(question), ""
        except EmbeddingFailed as error:
            return None, str(error)

    async def _vector(self, question: str) -> tuple[Vector | None, str]:
        """In a thread if a server is asked, so that nobody waits for another one's embedding."""
        if isinstance(self._embedder, HashedNgrams):
            return self._embedded(question)
        return await asyncio.to_thread(self._embedded, question)

    async def _reading(self, read: Callable[[Searcher], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._healing, read)

    def _healing(self, read: Callable[[Searcher], T]) -> T:
        """Read; should the index be broken, build it anew from the notes and read again."""
        try:
            with self._searching:
                return read(self._reader())
        except CatalogBroken:
            self.index_now()
        with self._searching:
            return read(self._reader())

    def _reader(self) -> Searcher:
        """The searcher of the catalog that is best at this moment; called under the lock."""
        catalog = self._shelf.to_read()
        if self._searcher is None or self._searcher.catalog is not catalog:
            if self._searcher:
                self._searcher.neighbours.close()
            self._searcher = Searcher(catalog, VectorRanking(catalog, self._embedder, self.folder / "chroma"), self._dictionary)
            if self._chroma_wanted:
                self._searcher.neighbours.use_chroma()
        return self._searcher


def _summaries_of(catalog: Catalog) -> tuple[NoteSummary, ...]:
    fronts = {path: front for path, _, front in catalog.fronts()}
    by_note = groupby(catalog.shapes(), key=itemgetter(0, 1))
    return tuple(_summary(path, title, list(shapes), fronts.get(path)) for (path, title), shapes in by_note)


def _summary(path: str, title: str, shapes: Sequence[Shape], front: FrontMatter | None) -> NoteSummary:
    pieces = [OutlinePiece(heading=heading, characters=length) for _, _, heading, length, _ in shapes]
    return summarize(path, title, pieces, front=front, beginning=shapes[0][-1])
