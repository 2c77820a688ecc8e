"""Which passages support each sentence of an answer, by its words, numbers and names. The model is not asked: it need not cite.

A sentence is covered by a passage as far as its telling terms stand in one sentence of it, or in two that follow each other, or
above it in its headings; a word may stand there by another name or in the other language. Thresholds: see
`tests/benchmarks/attribution.py`, which measures them on gold answers and on answers of a real model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.rag.facts import Held
from bot.types import Citation
from knowledge.passages import sentences
from knowledge.text import Telling, Thesaurus, parts_of_question, terms

SUPPORTED, HINTED = 0.42, 0.35
"""The share of a sentence that a passage must cover to be its source, and the same where the model itself names the passage."""
HINT = 0.05
"""What the model's word counts between passages that cover a sentence alike."""
NEWS = 0.42
"""The share that it must cover of what the question did not say already."""
REPEATED = 0.7
"""What it must cover of a sentence that says hardly more than the question."""
UNSUPPORTED = 0.25
"""A sentence of whose news no passage covers more is not the notes'."""
ADDED = 0.25
"""What a second source must cover that the first does not."""
LEAST = 1.5
"""The weight of words that say enough to be looked for."""
SINGLE_CHARACTER, NAME = 0.3, 2.0
"""What a character and a Latin word or number count beside a pair of characters."""
ABOVE, TWO, WHOLE, TRANSLATED = 0.7, 0.95, 0.75, 0.9
"""What counts beside a word in a sentence: one in the headings, in the next sentence, elsewhere in the passage, a translation."""
ASKED, ASKED_IN_VAIN = 0.5, 0.1
"""What a word of the question counts: it is repeated anyhow, and one that no passage has is the asker's own."""
ASKING = re.compile(r"[?？][\s*_\"”’」』）)]*$")
TALK = re.compile(
    "根据|依据|笔记|摘录|资料|文中|内容|提到|提及|说明|指出|介绍|回答|问题|信息|如下|以下|以上|总之|总结|因此|所以|例如|包括|提供|找到|写到|写明"
    "|涉及|给出|相关|这一点|答案|明确|直接"
    r"|\b(?:notes?|excerpts?|sa(?:y|ys|id)|mention(?:s|ed)?|according|based|provide[sd]?|information|text|answers?|questions?|following"
    r"|ask(?:s|ed)?|include[sd]?|summary|find|found|specif(?:y|ies|ied)|state[sd]?|contains?|available|directly|explicitly|context)\b",
    re.IGNORECASE,
)
"""What answers say about themselves and the notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What supports a sentence of an answer: the numbers of its sources, the best one first."""

    sources: tuple[int, ...] = ()
    support: float = 1.0
    """How much of what it adds to the question the best source covers, 0 to 1; 1 for a sentence that adds nothing."""
    lacking: tuple[str, ...] = ()
    """Numbers and names in it that stand nowhere."""

    @property
    def unsupported(self) -> bool:
        """True for what must not pass for the notes'."""
        return bool(self.lacking) or (not self.sources and self.support < UNSUPPORTED)


class Attributor:
    """Attributes the sentences of one answer to its `given` passages; `said` is what else it may repeat: the conversation.

    A sentence is looked at once however often the answer is drawn while it grows.
    """

    def __init__(
        self, given: Sequence[Citation], *, question: str = "", said: Iterable[str] = (), thesaurus: Thesaurus | None = None
    ) -> None:
        self._thesaurus = thesaurus or Thesaurus()
        self._sources = [_Source(citation) for citation in given]
        self._asked = frozenset(terms(question))
        told = [source.told for source in self._sources]
        self._given = Held(told, self._thesaurus)
        self._held = Held([question, *said, *told], self._thesaurus)
        self._known: dict[tuple[str, tuple[int, ...]], Attribution] = {}

    def attribute(self, sentence: str, hints: Sequence[int] = ()) -> Attribution:
        """What supports `sentence`; `hints` are the sources that the model itself names for it."""
        key = (sentence, tuple(hints))
        if key not in self._known:
            self._known[key] = self._look_at(sentence, hints)
        return self._known[key]

    def _look_at(self, sentence: str, hints: Sequence[int]) -> Attribution:
        lacking = self._held.lacks(sentence)
        wanted = self._wanted(sentence)
        if not self._sources or sum(term.weight for term in wanted) < LEAST:
            return Attribution(lacking=lacking, sources=() if lacking else tuple(dict.fromkeys(hints)))
        covers = sorted((source.cover(wanted) for source in self._sources), key=lambda one: -one.total - HINT * (one.n in hints))
        support = max(one.news for one in covers) if covers[0].says_news else 1.0
        silent = lacking or ASKING.search(sentence) or self._given.lacks_what_it_is_about(sentence)
        return Attribution(sources=() if silent else _chosen(covers, hints), support=support, lacking=lacking)

    def _wanted(self, sentence: str) -> list[_Term]:
        """The telling terms of a sentence: what few passages say tells the most, what the question said already tells less."""
        found: dict[str, _Term] = {}
        for part in parts_of_question(TALK.sub(" ", sentence)):
            if part.telling is Telling.HARDLY or part.term in found:
                continue
            alternatives = self._alternatives(part.term) if part.name else ()
            holders = sum(source.holds(part.term) for source in self._sources)
            weight = part.telling.value * (NAME if part.name else 1.0 if len(part.term) > 1 else SINGLE_CHARACTER)
            weight *= 1.5 - (holders - 1) / len(self._sources) if holders else 1.0
            asked = part.term in self._asked
            if asked:
                weight *= ASKED if holders or alternatives else ASKED_IN_VAIN
            found[part.term] = _Term(part.term, weight, alternatives, news=not asked)
        return list(found.values())

    def _alternatives(self, term: str) -> tuple[frozenset[str], ...]:
        """What else a Latin word may be called, each as the terms that must all stand there."""
        others = [*self._thesaurus.names(term), *self._thesaurus.chinese(term)]
        return tuple(frozenset(_telling_runs(other)) for other in others)


@dataclass(frozen=True, slots=True)
class _Term:
    term: str
    weight: float
    alternatives: tuple[frozenset[str], ...]
    news: bool
    """False for what the question said already."""

    def in_(self, words: frozenset[str]) -> float:
        """What counts of it when `words` is all there is."""
        if self.term in words:
            return 1.0
        return TRANSLATED if any(run and run <= words for run in self.alternatives) else 0.0


@dataclass(frozen=True, slots=True)
class _Cover:
    """How much of a sentence a passage covers."""

    n: int
    wanted: Sequence[_Term]
    worth: Mapping[str, float]
    """Of each term, up to its weight."""

    @property
    def says_news(self) -> bool:
        return sum(term.weight for term in self.wanted if term.news) >= LEAST

    @property
    def total(self) -> float:
        return sum(self.worth.values()) / sum(term.weight for term in self.wanted)

    @property
    def news(self) -> float:
        news = [term for term in self.wanted if term.news]
        return sum(self.worth[term.term] for term in news) / sum(term.weight for term in news)

    def added(self, other: _Cover) -> float:
        """The share that it covers and the other does not."""
        more = sum(max(0.0, worth - other.worth[term]) for term, worth in self.worth.items())
        return more / sum(term.weight for term in self.wanted)

    def is_enough(self, least: float) -> bool:
        """True when it covers so much of the sentence, and of its news if it says any."""
        return self.total >= least and self.news >= NEWS if self.says_news else self.total >= REPEATED


class _Source:
    """A passage as it is compared: the terms of each of its sentences, of what stands above them, and of all."""

    def __init__(self, citation: Citation) -> None:
        self.citation = citation
        self.told = "\n".join((citation.title, *citation.heading, citation.text))
        text = citation.text
        self._sentences = [frozenset(terms(text[start:end])) for start, end in sentences(text)]
        self._above = frozenset(terms(" ".join((citation.title, *citation.heading))))
        self._all = self._above.union(*self._sentences)

    def holds(self, term: str) -> bool:
        return term in self._all

    def cover(self, wanted: Sequence[_Term]) -> _Cover:
        """What the best place in the passage covers of each term."""
        rest = {one.term: one.weight * max(ABOVE * one.in_(self._above), WHOLE * one.in_(self._all)) for one in wanted}
        places = [{one.term: one.weight * one.in_(words) for one in wanted} for words in self._sentences]
        pairs = [{term: max(here[term], TWO * there[term]) for term in here} for here, there in pairwise(places)]
        filled = ({term: max(worth, rest[term]) for term, worth in place.items()} for place in [*places, *pairs])
        return _Cover(self.citation.n, wanted, max(filled, key=lambda place: sum(place.values()), default=rest))


def _chosen(covers: Sequence[_Cover], hints: Sequence[int]) -> tuple[int, ...]:
    """The best source if it covers enough, one more that covers what it does not, and those that the model names with reason."""
    best, *others = covers
    if not best.is_enough(HINTED if best.n in hints else SUPPORTED):
        return ()
    second = next((other.n for other in others if other.added(best) >= ADDED), best.n)
    named = (other.n for other in others if other.n in hints and other.is_enough(HINTED))
    return tuple(dict.fromkeys([best.n, second, *named]))


def _telling_runs(name: str) -> list[str]:
    """The terms that a name is made of; of Chinese words their pairs, which say all that the single characters do."""
    found = terms(name)
    return [term for term in found if len(term) > 1] or found
