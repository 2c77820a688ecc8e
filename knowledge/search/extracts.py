"""The answer without a model: the pieces of the best passages that a person would copy, the one that answers first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import log

from knowledge.passages.structure import Shape
from knowledge.search.quote_candidates import GROWN, LEADS, AskedQuestion, Excerpt, QuoteCandidate, line_start, ranked_candidates
from knowledge.types import Hit, ScoredSpan

PASSAGES = 6
"""Hits that pieces are taken from."""
PIECES = 3
"""Pieces that are quoted at most: the answer, and two more that add something. One more where several things are asked, or where
it is a sentence of the very passage that answers."""
NEAR, NEAR_OF_SEVERAL = 0.6, 0.5
"""A further passage's score must come so near to the best one's; where several things are asked, each has passages of its own.
From .5 to .7 both, chosen on questions to real notes and on every fourth of CMRC."""
BRINGS = 0.5
"""What it counts, beside a sentence's worth, to bring all that is not said yet."""
ONE_MORE = 0.4
"""What one more sentence of the passage that answers must say of what is asked, beside the first: pieces enough are quoted."""
NEW = 0.2
"""The least of it that a further piece of a passage that is quoted already must bring."""
FIRST_SHARE = 0.7
"""Of all characters, for the first piece, when others may follow."""
BETWEEN = 1
"""Sentences between two that are quoted as one piece."""


def choose_excerpts(question: str, hits: Sequence[Hit], *, most: int, characters: int) -> tuple[Excerpt, ...]:
    """The piece that answers, in one, and up to two more that add something; `most` sentences and `characters` in all.

    Sentences are taken in the order of their worth. One that stands in a piece that is quoted already makes that reach as
    far; another begins a piece of its own, if its passage comes near the best one and it says about as much.
    """
    asked = AskedQuestion(question)
    ranked = ranked_candidates(asked, hits[:PASSAGES])
    chosen: list[_Quote] = []
    share = int(characters * FIRST_SHARE) if most > 1 else characters
    chosen += [_Quote(first, first.expanded(asked, most=most, characters=share)) for first in ranked[:1]]
    others = _Others(asked, ranked) if most > 1 and len(ranked) > 1 else None
    while others and len(chosen) < PIECES + asked.kind.several:
        further = others.best(chosen, *_left(chosen, most, characters))
        if not further:
            break
        chosen.append(further)
    for candidate in ranked if most > 1 else ():
        left, room = _left(chosen, most, characters)
        if left > 0 and not any(quote.holds(candidate) for quote in chosen):
            taken = any(quote.reach(candidate, left, room) for quote in chosen)
            if not taken and candidate.goes_with(chosen[0].first) and _adds_one(candidate, chosen):
                quote = _Quote(candidate, candidate.expanded(asked, most=left, characters=room))
                if quote.size <= room and not any(quote.overlaps(other) for other in chosen):
                    chosen.append(quote)
    for quote in chosen:
        quote.grow(*_left(chosen, most, characters))
    return tuple(quote.excerpt for quote in chosen)


def nearest_excerpt(question: str, hits: Sequence[Hit], *, characters: int) -> Excerpt | None:
    """The one piece that may answer, with what stands around it: nobody knows which of its sentences is meant."""
    asked = AskedQuestion(question)
    for first in (ranked_candidates(asked, hits[:1]) or ranked_candidates(asked, hits[:PASSAGES]))[:1]:
        quote = _Quote(first, first.expanded(asked, most=characters, characters=characters))
        quote.grow(characters, characters - quote.size, characters)
        return quote.excerpt
    return None


def _adds_one(candidate: QuoteCandidate, chosen: Sequence[_Quote]) -> bool:
    return len(chosen) < PIECES or (len(chosen) == PIECES and candidate.own >= ONE_MORE * chosen[0].first.own > 0)


def _left(chosen: Sequence[_Quote], most: int, characters: int) -> tuple[int, int]:
    return most - sum(quote.sentences for quote in chosen), characters - sum(quote.size for quote in chosen)


class _Others:
    """The sentences that a further piece may begin with; what each names of the question is read once."""

    def __init__(self, asked: AskedQuestion, ranked: Sequence[QuoteCandidate]) -> None:
        self._asked = asked
        self._named = [(candidate, asked.terms_of(candidate)) for candidate in ranked]
        counted = Counter(term for _, named in self._named for term in named)
        self._rarity = {term: log((len(ranked) + 1) / (count + 0.5)) for term, count in counted.items()}
        """How well a word of the question tells sentences apart: the logarithm of their number by that of those with it."""

    def best(self, chosen: Sequence[_Quote], left: int, room: int) -> _Quote | None:
        """A piece that says what was asked and is not said yet, if there is one near enough, and room for it."""
        if left <= 0:
            return None
        lacking = self._asked.terms.difference(*(self._asked.terms_in(quote.excerpt) for quote in chosen))
        taken = {quote.first.read.hit.passage.id for quote in chosen}
        near = NEAR_OF_SEVERAL if self._asked.kind.several else NEAR
        found: list[tuple[float, QuoteCandidate]] = []
        for candidate, named in self._named:
            if candidate.near < near or any(quote.holds(candidate) for quote in chosen):
                continue
            gain = self._worth(lacking & named) / (self._worth(lacking) or 1.0)
            if gain >= NEW if candidate.read.hit.passage.id in taken else gain > 0 or candidate.own > 0:
                found.append((candidate.worth + BRINGS * gain, candidate))
        for _, candidate in sorted(found, key=lambda one: -one[0]):
            quote = _Quote(candidate, candidate.expanded(self._asked, most=left, characters=room))
            if quote.size <= room:
                return quote
        return None

    def _worth(self, words: Iterable[str]) -> float:
        return sum(self._rarity.get(term, 0.0) for term in words)


class _Quote:
    """A piece that is quoted, while it may still grow."""

    def __init__(self, first: QuoteCandidate, excerpt: Excerpt) -> None:
        self.first = first
        self.excerpt = excerpt

    @property
    def size(self) -> int:
        return self.excerpt.end - self.excerpt.start

    @property
    def sentences(self) -> int:
        return self._sentences(self.excerpt.start, self.excerpt.end)

    def holds(self, candidate: QuoteCandidate) -> bool:
        return candidate.raw in self.excerpt.text

    def overlaps(self, other: _Quote) -> bool:
        one, two = self.excerpt, other.excerpt
        return one.hit.passage.path == two.hit.passage.path and one.start < two.end and two.start < one.end

    def reach(self, candidate: QuoteCandidate, left: int, room: int) -> bool:
        """Take in a sentence of the same piece, and one that stands between; False when it is farther, or there is no room."""
        read = self.first.read
        if (
            candidate.read is not read
            or not self._growing
            or candidate.leads
            or self._at(candidate.span) != self._at(self.first.span)
        ):
            return False
        base = read.hit.passage.start
        start = min(self.excerpt.start, base + line_start(read.text, candidate.span))
        end = max(self.excerpt.end, base + candidate.span.end)
        between = self._counted(start, end) - self._counted(self.excerpt.start, self.excerpt.end) - 1
        if between > BETWEEN and read.pieces[self._at(candidate.span)].shape is Shape.TEXT:
            return False
        return self._take(start, end, left, room)

    def grow(self, left: int, room: int, most: int = GROWN) -> None:
        """Take in neighbours in the same piece, what follows first, up to `most` characters."""
        base, before = self.first.read.hit.passage.start, None
        while self._growing and before != self.excerpt and self.size < most:
            before = self.excerpt
            spans = [s for s in self.first.read.hit.sentences if self._at(s) == self._at(self.first.span)]
            after = min((s.end for s in spans if base + s.start >= before.end), default=0)
            ahead = max((s.start for s in spans if base + s.end <= before.start), default=-1)
            whole = after and not LEADS.search(self.first.read.text[:after])  # a lead without its list says nothing
            taken = whole and self._take(before.start, base + after, left, room)
            taken = taken or (ahead >= 0 and self._take(base + ahead, before.end, left, room))
            if taken:
                left, room = (
                    left - self.sentences + self._sentences(before.start, before.end),
                    room - self.size + before.end - before.start,
                )

    @property
    def _growing(self) -> bool:
        return not self.first.leads and self.first.read.pieces[self._at(self.first.span)].shape in (Shape.TEXT, Shape.LIST)

    def _at(self, span: ScoredSpan) -> int:
        return self.first.read.piece_at(span.start)

    def _take(self, start: int, end: int, left: int, room: int) -> bool:
        if end - start - self.size > room or self._sentences(start, end) - self.sentences > left:
            return False
        self.excerpt = replace(self.excerpt, start=start, end=end)
        return True

    def _sentences(self, start: int, end: int) -> int:
        """A list, a table or code counts as one."""
        return self._counted(start, end) if self.first.read.pieces[self._at(self.first.span)].shape is Shape.TEXT else 1

    def _counted(self, start: int, end: int) -> int:
        base = self.first.read.hit.passage.start
        inside = (span for span in self.first.read.hit.sentences if start <= base + span.start < end)
        return max(1, sum(self.first.read.pieces[self._at(span)].shape is not Shape.HEADING for span in inside))
