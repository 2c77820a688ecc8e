"""Query expansion: the weight of each term, and its translations and aliases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from knowledge import text
from knowledge.search.bm25 import Bm25Index, Floats, Group
from knowledge.search.context import LEANS, Context
from knowledge.search.fusion import strength
from knowledge.text import Dictionary, Part, Telling, Thesaurus
from knowledge.text.aliases import Names
from knowledge.text.names import terms_named
from knowledge.types import Alias

TRANSLATED = 2.0
"""What a translation counts beside a word that stands there (a group's terms are more common than the word looked for)."""
ALIASED = 1.0
"""What another name of the same thing counts, when the notes give it."""
CORRECTED = 1.0
"""What a word counts that was meant by a misspelt one."""
ALSO = 0.8
"""What a term of the question in other words counts beside one of the question as it was asked."""
SHORTEST = 3
"""Letters of an English word that is worth translating."""
LAST = 8
"""Questions that are remembered: a message, and the earlier ones that it may lean on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question to the notes."""

    question: str
    context: Context | None = None
    also: tuple[str, ...] = ()
    """The question in other words, or in the notes' other language."""
    count: int = 10

    def searched(self, share: float = 0.0) -> str:
        """What is searched for, for people to read, when its context has this share in it."""
        before = [words for words, _ in reversed(self.context.questions)] if self.context and share >= LEANS else []
        return " / ".join([" ".join([*before, self.question]), *self.also])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedQuery:
    """A question as the rankings see it."""

    folded: str
    """The question in the form that terms are made from, in lower case."""
    weights: Mapping[int, float]
    """Each term's weight in the question times its idf."""
    scores: Floats
    """The lexical score of each row of the index."""
    strength: float
    """How strongly the question is answered: see `threshold`."""
    mass: float
    """How much it says: the idf of its telling terms, in that of a term that stands nowhere."""
    unknown: tuple[str, ...]
    """Names that the notes never mention."""
    telling: frozenset[str]
    """The question's terms that say what it is about."""
    marks: tuple[int, ...]
    """Terms that were asked for by a mark that the author set: tags, open tasks."""
    terms: npt.NDArray[np.int64]
    """All terms and what else they may be called, ascending; the arrays below go with them."""
    weight_of_terms: npt.NDArray[np.float64]
    worth_of_terms: npt.NDArray[np.float64]
    """What each term counts when a sentence is chosen."""


class QueryExpander:
    """Weighs questions against one index; `words` are the Latin words of the vault, `aliases` what it calls the same."""

    def __init__(self, index: Bm25Index, dictionary: Dictionary, words: frozenset[str], aliases: Iterable[Alias]) -> None:
        self._index = index
        self._dictionary = dictionary
        self._names_of = Names(aliases)
        self._words = words | self._names_of.latin
        self.thesaurus = Thesaurus(dictionary, self._names_of, words=self._words)
        self._asked: dict[tuple[str, ...], WeightedQuery] = {}

    def ask(self, search: Query) -> WeightedQuery:
        """Weigh the question's own terms, or remember how they weigh: a message is searched for alone and then in its context."""
        words = (search.question, *search.also)
        if words not in self._asked:
            if len(self._asked) >= LAST:
                del self._asked[next(iter(self._asked))]
            self._asked[words] = self._weighed(search)
        return self._asked[words]

    def _weighed(self, search: Query) -> WeightedQuery:
        marks = text.marks_of_question(search.question)
        parts = [*_parts_of(search.question), *(Part(mark, Telling.FULLY, name=False) for mark in marks)]
        shares = _shares(parts)
        also = (*search.also, *_as_on_the_mainland(search.question))
        for words in also:
            _raise_to(shares, _shares(_parts_of(words)), ALSO)
        weights = {key: share * self._index.idf(key) for key, share in shares.items()}
        worths = {key: _worth(share, weights[key]) for key, share in shares.items()}
        unknown, corrections = self._names(search.question)
        # A name stays what it is in every language; what was put into other words is none.
        unknown = tuple(name for name in unknown if all(name.lower() in words.lower() for words in search.also))
        scores, weights_of_terms = self._index.scores(weights), dict(weights)
        for group in [*self._translations(parts), *self._aliases(search.question), *corrections]:
            found, weight = self._index.group_scores(group)
            scores += found
            _spread(group, weight, weights_of_terms, worths)
        terms = np.array(sorted(weights_of_terms), np.int64)
        return WeightedQuery(
            folded=text.fold(search.question).lower(),
            weights=weights,
            scores=scores,
            strength=max(self._strength(parts, scores) for parts in (parts, *map(_parts_of, also))),
            mass=sum(map(self._index.idf, _telling(parts))) / self._index.idf_of_unseen,
            unknown=unknown,
            telling=frozenset(part.term for part in parts if part.telling is Telling.FULLY),
            marks=tuple(map(text.key_of, marks)),
            terms=terms,
            weight_of_terms=np.array([weights_of_terms[term] for term in terms.tolist()]),
            worth_of_terms=np.array([worths[term] for term in terms.tolist()]),
        )

    def terms_named(self, name: str, asked: WeightedQuery) -> set[str]:
        """The terms of the question that call something by this name; empty when it does not."""
        return terms_named(name, asked.folded, asked.telling, self._dictionary.to_chinese)

    def _strength(self, parts: list[Part], scores: Floats) -> float:
        best = float(scores.max(initial=0.0))
        return strength(best, map(self._index.idf, _telling(parts)), self._index.idf_of_unseen)

    def _names(self, question: str) -> tuple[tuple[str, ...], list[Group]]:
        """The names that the notes never mention, and what was meant by those that are only misspelt."""
        unknown, corrections = [], []
        is_english = not re.search(f"[{text.HAN}]", question)
        for name in text.names_in(question, self._is_english):
            if name.lower() in self._words:
                continue
            meant = text.meant(name, self._words)
            if meant and not (text.is_coined(name) and self._is_english(meant)):
                corrections.append(Group(alternatives=(((text.key_of(text.stem(meant)),), 1.0),), weight=CORRECTED))
            elif not (name.islower() and is_english) and not self._is_translated(name):
                unknown.append(name)
        return tuple(unknown), corrections

    def _is_translated(self, name: str) -> bool:
        """Whether the notes hold it in Chinese."""
        words = self._dictionary.to_chinese(text.stem(name))
        return any(self._index.holds_run(_pairs(word)) for word, share in words.items() if share == 1)

    def _aliases(self, question: str) -> Iterator[Group]:
        """What else the notes call the things that the question names."""
        for others in self._names_of.other_names(question):
            yield Group(alternatives=tuple((_run(other), 1.0) for other in others), weight=ALIASED)

    def _is_english(self, word: str) -> bool:
        return bool(self._dictionary.to_chinese(text.stem(word)))

    def _translations(self, parts: list[Part]) -> Iterator[Group]:
        """For each English word that says something, the Chinese words that it may stand for."""
        for stem in dict.fromkeys(part.term for part in parts if part.name and part.telling is Telling.FULLY):
            if len(stem) >= SHORTEST and stem.isascii() and stem.isalpha():
                words = self._dictionary.to_chinese(stem)
                if words:
                    runs = tuple((_pairs(word), share) for word, share in words.items())
                    yield Group(alternatives=runs, weight=TRANSLATED)


def _as_on_the_mainland(question: str) -> Iterator[str]:
    """The question in the mainland's words, when it has Taiwan's."""
    words = text.mainland(question)
    if words != text.fold(question):
        yield words


def _parts_of(words: str) -> list[Part]:
    return list(text.parts_of_question(words))


def _telling(parts: Iterable[Part]) -> set[int]:
    return {text.key_of(part.term) for part in parts if part.telling is Telling.FULLY}


def _pairs(word: str) -> tuple[int, ...]:
    return tuple(text.key_of(word[at : at + 2]) for at in range(len(word) - 1))


@lru_cache(maxsize=5_000)
def _run(name: str) -> tuple[int, ...]:
    """The terms that a name is made of; of Chinese words their pairs, which say all that the single characters do."""
    terms = text.terms(name)
    return tuple(text.key_of(term) for term in dict.fromkeys(terms) if len(term) > 1) or (text.key_of(terms[0]),)


def _shares(parts: Iterable[Part]) -> dict[int, float]:
    """How much each term tells."""
    shares: dict[int, float] = {}
    for part in parts:
        key = text.key_of(part.term)
        shares[key] = max(part.telling.value, shares.get(key, 0.0))
    return shares


def _raise_to(shares: dict[int, float], tellings: Mapping[int, float], part: float) -> None:
    for key, telling in tellings.items():
        shares[key] = max(part * telling, shares.get(key, 0.0))


def _worth(share: float, weight: float) -> float:
    """The square root of the idf, in the term's share; question words tell nothing about a sentence."""
    return float(share * (weight / share) ** 0.5) if share > Telling.HARDLY.value else 0.0


def _spread(group: Group, weight: float, weights: dict[int, float], worths: dict[int, float]) -> None:
    """Give each term of a group its part of the group's weight, for the choice of sentences."""
    for run, share in group.alternatives:
        for key in run:
            part = share / len(run)
            weights[key] = max(part * weight, weights.get(key, 0.0))
            worths[key] = max(part * (weight / group.weight) ** 0.5, worths.get(key, 0.0))
