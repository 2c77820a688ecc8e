"""Searcher: the passages that answer a question best, each with its best sentences, or word that there are none."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from knowledge import text
from knowledge.catalog import Catalog
from knowledge.search import fusion
from knowledge.search.bm25 import Bm25Index, Floats, Postings, build_postings, merge_postings
from knowledge.search.candidates import Candidate, StoredPassage, score_sentences, share_held, without_doubles
from knowledge.search.context import LEANS, STRONG, WORDLESS, WORDS, Context, bounded
from knowledge.search.embeds import embeds_of, paths_by_name
from knowledge.search.fusion import calibrate, calibrate_nearness
from knowledge.search.postings_file import last_stored, load
from knowledge.search.query import Query, QueryExpander, WeightedQuery
from knowledge.text import Dictionary, Thesaurus
from knowledge.text.aliases import in_force
from knowledge.text.names import names_of
from knowledge.types import Hit, Passage
from knowledge.vectors import Vector
from knowledge.vectors.nearest import VectorRanking

CANDIDATES = 50
"""Passages that each ranking may propose."""
LOOKED_INTO = 20
"""Passages whose sentences are scored."""
IN_NAME = 5
"""Passages whose names are compared with the whole question."""
NOTHING_SAID = 0.6
"""What counts a passage without a sentence that could be quoted."""
NAMESAKE = 1.5
"""What counts a passage whose name is all that the question asks about."""
SAME_LANGUAGE = 1.3
"""What counts a passage in the language of the question beside one in another."""
FEW, HELD = 40, 0.6
"""In so few passages no term is rare: a question is answered by one that holds this share of its terms, by number."""
NARROWLY = 0.4
"""Of the floor: what reaches it, and shares a word with the question, is offered as the nearest."""
TOGETHER = 1.05
"""Of the floor: what several questions that are read as one must reach.

Taken in pairs, the everyday questions by which the floor is measured reach 1.06, 1.11 and .89 of it by chance, on three vaults.
"""
MOST_READ = 500
"""Passages kept in memory because people ask about the same ones: about 10 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a search found, best first; `abstained` when the notes hold nothing that comes near an answer."""

    searched: str
    hits: tuple[Hit, ...]
    abstained: bool
    ms: float
    index: str = ""
    """The state of the index that was searched; another one may find other things."""
    unknown: tuple[str, ...] = ()
    """Names in the question that the notes never mention."""
    near: bool = False
    """True when the notes may not hold an answer, but something near; what it is worth is for the reader to say."""
    problem: str = ""
    """Why a ranking was left out, if one was."""
    leaned: float = 0.0
    """The share of what was asked before in the order of the hits."""
    strength: float = 0.0
    """How strongly the words of the question are answered, in multiples of the floor (see `floor`); 0 when nothing is found."""
    vector: Vector | None = field(default=None, compare=False, repr=False)
    """The vector of `Query.question`, where the embedding model finds meanings."""


@dataclass(slots=True)
class Searcher:
    """Searches one catalog; not to be used by two threads at once."""

    catalog: Catalog
    neighbours: VectorRanking
    dictionary: Dictionary
    _revision: int = -1
    _parts: list[Postings] = field(default_factory=list)
    _index: Bm25Index = field(default_factory=lambda: Bm25Index([]))
    _asker: QueryExpander = field(init=False)
    _floor: float = 0.0
    _nearness: float | None = None
    _measured: int = -1
    """How many passages there were when the floor was measured."""
    _names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By path, what each note is called."""
    _read: dict[int, StoredPassage] = field(default_factory=dict)
    """By row, what was looked into since the index last changed."""

    def search(self, search: Query, vector: Vector | None) -> SearchResult:
        """Query for `search.question`, whose vector is `vector`; without one, by its words alone."""
        started = time.perf_counter()
        self._refresh()
        asked = self._asker.ask(search)
        worded = self._best(asked.scores)
        similar = self._similar(vector, worded) if vector is not None else []
        scores = fusion.fuse(worded, similar, share=self.neighbours.share)
        found = self._judged(_first(scores), asked, scores)
        share = self._share(search.context, asked, found) if search.context else 0.0
        if search.context and share:
            found = self._in_context(found, asked, search.context, share)
        seen = _chosen(found, asked, search.count)
        hits = tuple(self._with_embeds(one.hit()) for one in seen)
        answered = near = False
        if hits and search.context and share >= LEANS:
            answered = not asked.unknown and self._is_answered_with(asked, search.context)
        elif hits:
            answered = not asked.unknown and self._is_answered(asked, similar, seen)
            near = not answered and self._is_near(asked, seen)
        return SearchResult(
            searched=search.searched(share),
            leaned=share,
            hits=hits,
            abstained=not answered and not near,
            near=near,
            index=f"{self.catalog.birth():x}-{self._revision}",
            unknown=asked.unknown,
            strength=asked.strength / self._floor_of_vault() if hits else 0.0,
            vector=vector if self.neighbours.finds_meaning else None,
            ms=(time.perf_counter() - started) * 1000,
        )

    def thesaurus(self) -> Thesaurus:
        """What else the notes and the dictionary call things."""
        self._refresh()
        return self._asker.thesaurus

    def _similar(self, vector: Vector, worded: Mapping[int, float]) -> list[tuple[int, float]]:
        """The nearest passages; or the nearer half of those that the words found, if the embedder knows only words."""
        if worded and not self.neighbours.finds_meaning:
            return self.neighbours.compare(vector, list(worded))[: len(worded) // 2 + 1]
        found = self.neighbours.nearest(vector, CANDIDATES)
        return [(row, similarity) for row, similarity in found if self._index.holds(row)]

    def _with_embeds(self, hit: Hit) -> Hit:
        """The hit, with what its passage shows of other notes."""
        if "![[" not in hit.passage.text:
            return hit
        paths = paths_by_name(list(self._names))
        return replace(hit, embeds=embeds_of(hit.passage, paths, self.catalog.passages_of_note))

    def _is_answered(self, asked: WeightedQuery, similar: Sequence[tuple[int, float]], seen: Sequence[Candidate]) -> bool:
        """By its words, by how near a passage is where vectors know meanings (see `floor`), or because it asks for a name."""
        if asked.strength >= self._floor_of_vault() or self._is_named(asked, seen):
            return True
        if self._is_held(asked, seen):
            return True
        if not self.neighbours.finds_meaning:
            return False
        if self._nearness is None:
            self._nearness = calibrate_nearness(self.neighbours.everyday_similarities())
        return max((similarity for _, similarity in similar), default=0.0) >= self._nearness

    def _is_answered_with(self, asked: WeightedQuery, context: Context) -> bool:
        """Whether any passage answers the message and what it leans on, read as one question."""
        scores, mass = asked.scores, asked.mass
        for words, weight in context.questions:
            earlier = self._asker.ask(Query(question=words))
            scores, mass = scores + weight * earlier.scores, mass + weight * earlier.mass
        together = fusion.strength(float(scores.max(initial=0.0)), [mass * self._index.idf_of_unseen], self._index.idf_of_unseen)
        return together >= TOGETHER * self._floor_of_vault()

    def _is_named(self, asked: WeightedQuery, seen: Sequence[Candidate]) -> bool:
        """Whether a mark that was asked for is there, or the question is about a thing that a passage is named after."""
        if any(mark in one.marks for mark in asked.marks for one in seen):
            return True
        telling = asked.telling.difference(asked.unknown)
        return any(telling <= one.named for one in seen[:IN_NAME] if one.named)

    def _is_held(self, asked: WeightedQuery, seen: Sequence[Candidate]) -> bool:
        return self._index.count < FEW and share_held(asked, seen[0]) >= HELD

    def _is_near(self, asked: WeightedQuery, seen: Sequence[Candidate]) -> bool:
        """Whether the passages share a word with the question, and not by chance alone."""
        if asked.unknown:
            return self._is_named(asked, seen)
        words = {text.key_of(term) for term in asked.telling if len(term) > 1}
        shared = any(not words.isdisjoint(one.read.all_terms) for one in seen[:IN_NAME])
        return shared and asked.strength >= NARROWLY * self._floor_of_vault()

    def _floor_of_vault(self) -> float:
        """Measured once, and anew when the vault has grown or shrunk by a tenth: thirty questions take their time."""
        if self._measured < 0 or not 0.9 < (self._index.count + 1) / (self._measured + 1) < 1.1:
            self._floor = floor_of(self._asker)
            self._measured = self._index.count
            self._nearness = None
        return self._floor

    def _refresh(self) -> None:
        """Take up what was indexed since the last search."""
        revision = self.catalog.revision()
        if revision == self._revision:
            return
        last = self._take_up_stored()
        fresh = build_postings(self.catalog.keys_after(last))
        if len(fresh.rows):
            self._parts.append(fresh)
        live = self.catalog.rows()
        self._parts = _tidied(self._parts, live)
        self._index = Bm25Index(self._parts, live=live)
        self._asker = asker_of(self.catalog, self._index, self.dictionary)
        self._read, self._names = {}, {}
        self._revision = revision

    def _take_up_stored(self) -> int:
        """Have the postings that lie in a file, if they go beyond these; return the last row that is known then."""
        last = max((int(part.rows[-1]) for part in self._parts if len(part.rows)), default=0)
        if last_stored(self.catalog) > last and (stored := load(self.catalog)):
            self._parts = [stored.postings]
            self._floor, self._measured = stored.floor, len(stored.postings.rows)
            return max(last, int(stored.postings.rows[-1]))
        return last

    def _best(self, scores: Floats) -> dict[int, float]:
        best = np.argpartition(-scores, CANDIDATES)[:CANDIDATES] if len(scores) > CANDIDATES else np.arange(len(scores))
        return {int(self._index.rows[at]): float(scores[at]) for at in best if scores[at] > 0}

    def _judged(self, rows: Sequence[int], asked: WeightedQuery, scores: Mapping[int, float]) -> list[Candidate]:
        """The passages of `rows`, best first, with what their names and their best sentence add to their score.

        The score is lexical where `scores` has none.
        """
        self._have_read(rows)
        lexical = asked.scores[np.searchsorted(self._index.rows, rows)] if rows else ()
        own = dict(zip(rows, map(float, lexical), strict=True))
        seen = [Candidate(self._read[row], scores.get(row, own[row])) for row in rows if row in self._read]
        for one in seen:
            one.named = self._named(one.passage, asked)
        score_sentences(seen, asked)
        seen.sort(key=lambda one: -one.score)
        script = text.script_of(asked.folded)
        for one in seen[:IN_NAME]:
            one.score *= NOTHING_SAID if one.read.says_nothing else 1.0
            one.score *= SAME_LANGUAGE if one.read.script == script else 1.0
            one.score *= NAMESAKE if one.named >= asked.telling else 1.0
        return sorted(seen, key=lambda one: -one.score)

    def _share(self, context: Context, asked: WeightedQuery, found: Sequence[Candidate]) -> float:
        """How far a question leans on its context; one that names a passage is strong enough to stand alone."""
        strength = asked.strength / self._floor_of_vault()
        named = found and asked.telling and not context.sure and self._is_named(asked, found)
        if named or (found and self._is_held(asked, found)):
            strength = max(strength, STRONG)
        return context.share(strength, asked.mass)

    def _in_context(self, alone: Sequence[Candidate], asked: WeightedQuery, context: Context, share: float) -> list[Candidate]:
        """The same passages and those that earlier questions find, each with the share of the context in its score."""
        earlier = [(self._asker.ask(Query(question=words)), weight) for words, weight in context.questions]
        rows = {row for other, _ in earlier for row in _first(self._best(other.scores))}
        seen = {one.read.row: one for one in (*alone, *self._judged(sorted(rows - {one.read.row for one in alone}), asked, {}))}
        standing, worths = self._standing(seen, earlier)
        near = {row: context.nearness(one.passage.path, one.passage.heading) for row, one in seen.items()}
        first = max(seen.values(), key=lambda one: one.score, default=None)
        added = bounded(standing, near, first.read.row) if first else {}
        most = (max(0.0, first.score if first else 0.0) or 1.0) * (1.0 if asked.telling else WORDLESS)
        for row, one in seen.items():
            one.score = max(0.0, one.score) + most * share * added[row]
            one.worths = one.worths + WORDS * share * worths[row]
        return list(seen.values())

    def _standing(
        self, seen: Mapping[int, Candidate], earlier: Sequence[tuple[WeightedQuery, float]]
    ) -> tuple[dict[int, float], dict[int, npt.NDArray[np.float64]]]:
        """How well each passage answers the earlier questions, and what each of its sentences is worth to them."""
        standing, worths = dict.fromkeys(seen, 0.0), {row: np.zeros(len(one.worths)) for row, one in seen.items()}
        for other, weight in earlier:
            judged = self._judged(list(seen), other, {})
            for one in judged:
                standing[one.read.row] += weight * one.score / (judged[0].score or 1.0)
                worths[one.read.row] += weight * one.worths
        return standing, worths

    def _named(self, passage: Passage, asked: WeightedQuery) -> frozenset[str]:
        """The terms of the question that call the passage's note or heading by its name."""
        if not self._names:
            self._names = {path: names_of(path, title, front) for path, title, front in self.catalog.fronts()}
        names = dict.fromkeys((*self._names.get(passage.path, ()), passage.title, *passage.heading))
        return frozenset(max((self._asker.terms_named(name, asked) for name in names), key=len, default=()))

    def _have_read(self, wanted: Sequence[int]) -> None:
        if len(self._read) > MOST_READ:
            self._read = {row: self._read[row] for row in wanted if row in self._read}
        rows = [row for row in wanted if row not in self._read]
        if not rows:
            return
        passages, indexed = self.catalog.passages(rows), self.catalog.indexed(rows)
        self._read |= {row: StoredPassage(row, passages[row], indexed[row]) for row in rows if row in passages and row in indexed}


def asker_of(catalog: Catalog, index: Bm25Index, dictionary: Dictionary) -> QueryExpander:
    """Who weighs questions for an index of a catalog."""
    return QueryExpander(index, dictionary, catalog.latin_words(), in_force(catalog.aliases()))


def floor_of(asker: QueryExpander) -> float:
    """See `floor`."""
    return calibrate(lambda question: asker.ask(Query(question=question)).strength)


def _tidied(parts: list[Postings], live: npt.NDArray[np.int64]) -> list[Postings]:
    """Merge parts of like size, so that there are few; drop what is gone once it is half of everything."""
    if sum(len(part.rows) for part in parts) > 2 * len(live) + 100:
        return [merge_postings(parts, live=live)]
    while len(parts) > 1 and len(parts[-2].rows) < 2 * len(parts[-1].rows):
        parts = [*parts[:-2], merge_postings(parts[-2:], live=live)]
    return parts


def _first(scores: Mapping[int, float]) -> list[int]:
    """The rows whose sentences are worth a look, best first."""
    return sorted(scores, key=lambda row: (-scores[row], row))[:LOOKED_INTO]


def _chosen(found: Sequence[Candidate], asked: WeightedQuery, count: int) -> list[Candidate]:
    """The best, without doubles; only those with the mark that was asked for, where there are any."""
    marked = [one for one in found if any(mark in one.marks for mark in asked.marks)]
    return without_doubles(sorted(marked or found, key=lambda one: -one.score), count)
