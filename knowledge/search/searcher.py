"""Searcher: the passages that answer a question best, each with its best sentences, or word that there are none."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from knowledge import text
from knowledge.catalog import Catalog, Indexed
from knowledge.search import fusion
from knowledge.search.bm25 import Bm25Index, Floats, Postings, build_postings, merge_postings
from knowledge.search.context import BOUND, EARLIER, LEANS, STRONG, WORDLESS, WORDS, Context
from knowledge.search.embeds import embeds_of, paths_by_name
from knowledge.search.fusion import calibrate, calibrate_nearness
from knowledge.search.postings_file import last_stored, load
from knowledge.search.query import Query, QueryExpander, WeightedQuery
from knowledge.search.quotability import is_quotable
from knowledge.text import Dictionary, Thesaurus
from knowledge.text.aliases import in_force
from knowledge.text.names import names_of
from knowledge.types import Hit, Passage, ScoredSpan
from knowledge.vectors import Vector
from knowledge.vectors.nearest import VectorRanking

CANDIDATES = 50
"""Passages that each ranking may propose."""
LOOKED_INTO = 20
"""Passages whose sentences are scored."""
NAMED_SHARE = 0.2
"""What a heading counts that the question names in full, beside the weight of its terms."""
MOSTLY_NAMED_SHARE = 0.6
"""The same when the name is half of what is asked, or more."""
IN_NAME = 5
"""Passages whose names are compared with the whole question."""
NOTHING_SAID = 0.6
"""What counts a passage without a sentence that could be quoted."""
SHORT = 300
"""Characters; a longer passage has something to say."""
NAMESAKE = 1.5
"""What counts a passage whose name is all that the question asks about."""
SAME_LANGUAGE = 1.3
"""What counts a passage in the language of the question beside one in another."""
FEW, HELD = 40, 0.6
"""In so few passages no term is rare: a question is answered by one that holds this share of its terms, by number."""
NARROWLY = 0.4
"""Of the floor: what reaches it, and shares a word with the question, is offered as the nearest."""
MOST_READ = 500
"""Passages kept in memory because people ask about the same ones: about 10 MB."""
SAME = 0.95
"""Two passages that share this much of the longer one's terms are one passage twice."""


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
    _read: dict[int, _Read] = field(default_factory=dict)
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
        answered = bool(hits) and not asked.unknown and (share >= LEANS or self._is_answered(asked, similar, seen))
        near = bool(hits) and not answered and self._is_near(asked, seen)
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

    def _is_answered(self, asked: WeightedQuery, similar: Sequence[tuple[int, float]], seen: Sequence[_Seen]) -> bool:
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

    def _is_named(self, asked: WeightedQuery, seen: Sequence[_Seen]) -> bool:
        """Whether a mark that was asked for is there, or the question is about a thing that a passage is named after."""
        if any(mark in one.marks for mark in asked.marks for one in seen):
            return True
        telling = asked.telling.difference(asked.unknown)
        return any(telling <= one.named for one in seen[:IN_NAME] if one.named)

    def _is_held(self, asked: WeightedQuery, seen: Sequence[_Seen]) -> bool:
        return self._index.count < FEW and _held(asked, seen[0]) >= HELD

    def _is_near(self, asked: WeightedQuery, seen: Sequence[_Seen]) -> bool:
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

    def _judged(self, rows: Sequence[int], asked: WeightedQuery, scores: Mapping[int, float]) -> list[_Seen]:
        """The passages of `rows`, best first, with what their names and their best sentence add to their score.

        The score is lexical where `scores` has none.
        """
        self._have_read(rows)
        lexical = asked.scores[np.searchsorted(self._index.rows, rows)] if rows else ()
        own = dict(zip(rows, map(float, lexical), strict=True))
        seen = [_Seen(self._read[row], scores.get(row, own[row])) for row in rows if row in self._read]
        for one in seen:
            one.named = self._named(one.passage, asked)
        _score_sentences(seen, asked)
        seen.sort(key=lambda one: -one.score)
        script = text.script_of(asked.folded)
        for one in seen[:IN_NAME]:
            one.score *= NOTHING_SAID if one.read.says_nothing else 1.0
            one.score *= SAME_LANGUAGE if one.read.script == script else 1.0
            one.score *= NAMESAKE if one.named >= asked.telling else 1.0
        return sorted(seen, key=lambda one: -one.score)

    def _share(self, context: Context, asked: WeightedQuery, found: Sequence[_Seen]) -> float:
        """How far a question leans on its context; one that names a passage is strong enough to stand alone."""
        strength = asked.strength / self._floor_of_vault()
        named = found and asked.telling and not context.sure and self._is_named(asked, found)
        if named or (found and self._is_held(asked, found)):
            strength = max(strength, STRONG)
        return context.share(strength, asked.mass)

    def _in_context(self, alone: Sequence[_Seen], asked: WeightedQuery, context: Context, share: float) -> list[_Seen]:
        """The same passages and those that earlier questions find, each with the share of the context in its score."""
        earlier = [(self._asker.ask(Query(question=words)), weight) for words, weight in context.questions]
        rows = {row for other, _ in earlier for row in _first(self._best(other.scores))}
        seen = {one.read.row: one for one in (*alone, *self._judged(sorted(rows - {one.read.row for one in alone}), asked, {}))}
        standing, worths = dict.fromkeys(seen, 0.0), {row: np.zeros(len(one.worths)) for row, one in seen.items()}
        for other, weight in earlier:
            judged = self._judged(list(seen), other, {})
            for one in judged:
                standing[one.read.row] += weight * one.score / (judged[0].score or 1.0)
                worths[one.read.row] += weight * one.worths
        most = (max((one.score for one in seen.values()), default=0.0) or 1.0) * (1.0 if asked.telling else WORDLESS)
        best = max(standing.values(), default=0.0) or 1.0
        for row, one in seen.items():
            near = context.nearness(one.passage.path, one.passage.heading)
            one.score += most * share * min(BOUND, EARLIER * standing[row] / best + near)
            one.worths = one.worths + WORDS * share * worths[row]
        return list(seen.values())

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
        self._read |= {row: _Read(row, passages[row], indexed[row]) for row in rows if row in passages and row in indexed}


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


class _Read:
    """A passage with its sentences, as it lies in the catalog."""

    def __init__(self, row: int, passage: Passage, indexed: Indexed) -> None:
        self.row = row
        self.passage = passage
        self.indexed = indexed.keys
        self.starts, self.ends, self.lengths = indexed.sentences.T
        self.keys = indexed.keys[indexed.above : indexed.above + int(self.lengths.sum())]

    @cached_property
    def all_terms(self) -> frozenset[int]:
        """Those of the words above it too."""
        return frozenset(self.indexed.tolist())

    @cached_property
    def script(self) -> str:
        return text.script_of(self.passage.text)

    @cached_property
    def says_nothing(self) -> bool:
        """Whether none of its sentences could be quoted."""
        if len(self.passage.text) > SHORT:
            return False
        spans = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return not any(is_quotable(self.passage.text[start:end]) for start, end in spans)

    @cached_property
    def terms(self) -> frozenset[int]:
        return frozenset(self.keys.tolist())


class _Seen:
    """A candidate while its sentences are looked into."""

    def __init__(self, read: _Read, score: float) -> None:
        self.read = read
        self.passage = read.passage
        self.score = score
        self.named: frozenset[str] = frozenset()
        """The terms of the question that call it by its name."""
        self.worths: npt.NDArray[np.float64] = np.zeros(len(read.starts))

    @property
    def marks(self) -> frozenset[int]:
        return self.read.all_terms

    def hit(self) -> Hit:
        order = np.argsort(-self.worths, kind="stable")
        read = self.read
        spans = zip(read.starts[order].tolist(), read.ends[order].tolist(), self.worths[order].tolist(), strict=True)
        scored = tuple(ScoredSpan(start=start, end=end, score=worth) for start, end, worth in spans)
        return Hit(passage=self.passage, score=self.score, sentences=scored)


def _score_sentences(seen: Sequence[_Seen], asked: WeightedQuery) -> None:
    """Score the sentences of all candidates at once, and add what the best one speaks for its passage."""
    if not seen:
        return
    sizes = [len(one.read.lengths) for one in seen]
    lengths = np.concatenate([one.read.lengths for one in seen]).astype(np.int64)
    alone = fusion.count_terms(asked.terms, np.concatenate([one.read.keys for one in seen]), lengths)
    scores = fusion.sentence_scores(_under_headings(alone, seen, sizes, asked), asked.weight_of_terms)
    untold = _counts_of([_heading_keys(one.passage.heading[-1:], one.passage.title) for one in seen], asked) == 0
    worths = fusion.coverage(alone, asked.worth_of_terms * np.repeat(untold, sizes, axis=0))
    ends = np.cumsum(sizes)
    for one, start, end in zip(seen, ends - sizes, ends, strict=True):
        one.worths = worths[start:end]
        one.score += fusion.SENTENCE_SHARE * float(scores[start:end].max(initial=0.0))
        share = MOSTLY_NAMED_SHARE if 2 * len(one.named & asked.telling) >= len(asked.telling) else NAMED_SHARE
        one.score += share * sum(asked.weights.get(text.key_of(term), 0.0) for term in one.named)


def _under_headings(
    alone: fusion.SentenceCounts, seen: Sequence[_Seen], sizes: Sequence[int], asked: WeightedQuery
) -> fusion.SentenceCounts:
    """The sentences as they are read: each with the heading that it stands under."""
    above = [_heading_keys(one.passage.heading[-1:], "") for one in seen]
    counts = _counts_of(above, asked)
    lengths = np.array([keys.total() for keys in above])
    return fusion.SentenceCounts(
        alone.terms, alone.counts + np.repeat(counts, sizes, axis=0), alone.lengths + np.repeat(lengths, sizes)
    )


def _counts_of(headings: Sequence[Counter[int]], asked: WeightedQuery) -> npt.NDArray[np.int64]:
    """How often each heading holds each of the question's terms."""
    places = {term: at for at, term in enumerate(asked.terms.tolist())}
    counts = np.zeros((len(headings), len(places)), np.int64)
    for row, keys in enumerate(headings):
        for term in keys.keys() & places.keys():
            counts[row, places[term]] = keys[term]
    return counts


def _held(asked: WeightedQuery, best: _Seen) -> float:
    """The share of the question's telling terms that a passage holds."""
    return sum(text.key_of(term) in best.read.all_terms for term in asked.telling) / max(1, len(asked.telling))


@lru_cache(maxsize=5_000)
def _heading_keys(heading: tuple[str, ...], title: str) -> Counter[int]:
    return Counter(text.keys(" ".join([*heading, title])))


def _first(scores: Mapping[int, float]) -> list[int]:
    """The rows whose sentences are worth a look, best first."""
    return sorted(scores, key=lambda row: (-scores[row], row))[:LOOKED_INTO]


def _chosen(found: Sequence[_Seen], asked: WeightedQuery, count: int) -> list[_Seen]:
    """The best, without doubles; only those with the mark that was asked for, where there are any."""
    marked = [one for one in found if any(mark in one.marks for mark in asked.marks)]
    return _without_doubles(sorted(marked or found, key=lambda one: -one.score), count)


def _without_doubles(ranked: Sequence[_Seen], count: int) -> list[_Seen]:
    """The first `count`; of passages that say the same, the one that ranks first."""
    kept: list[_Seen] = []
    for one in ranked:
        if not any(fusion.say_the_same(one.read.terms, other.read.terms, SAME) for other in kept):
            kept.append(one)
        if len(kept) == count:
            break
    return kept
