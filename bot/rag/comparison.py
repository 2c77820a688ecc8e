"""A comparison is looked up for both of its sides, so that the answer holds something of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.rag.message_kind import MessageReading
from knowledge.notebook import Query, SearchResult
from knowledge.types import Hit, ScoredSpan, Span

Search = Callable[[Query], Awaitable[SearchResult]]


async def compared(search: Search, query: Query, reading: MessageReading) -> SearchResult:
    """What is found for the comparison as a whole, then for each side, then the rest."""
    together = await search(query)
    if together.unknown:  # of a name that the notes never mention there is nothing to compare
        return together
    sides = [await search(replace(query, question=words, also=())) for words in questions_of_sides(reading)]
    weak = together.abstained and any(side.abstained for side in sides)
    return replace(
        together,
        hits=_both_first(together, sides)[: query.count],
        abstained=weak,
        strength=max(together.strength, min(side.strength for side in sides)),
        ms=together.ms + sum(side.ms for side in sides),
    )


def questions_of_sides(reading: MessageReading) -> tuple[str, ...]:
    """The question without the other side: what else it says (`两个标准`, `in training`) tells of both."""
    one, two = reading.sides
    return tuple(f"{side} {_without(reading.words, (one, two))}".strip() for side in (one, two))


def _without(words: str, sides: tuple[str, ...]) -> str:
    for side in sides:
        words = words.replace(side, " ", 1)
    return " ".join(words.split())


def _both_first(together: SearchResult, sides: Sequence[SearchResult]) -> tuple[Hit, ...]:
    """The best of the whole and of each side, the one that most of them agree on before the others.

    They count as good as each other: none may crowd out another when sentences are chosen.
    """
    bests = [found.hits[0] for found in (together, *sides) if found.hits]
    agreed = Counter(hit.passage.id for hit in bests)
    heads = {hit.passage.id: hit for hit in sorted(bests, key=lambda hit: -agreed[hit.passage.id])}
    score = max((hit.score for hit in bests), default=0.0)
    first = (replace(hit, score=score, sentences=_of_both(hit, sides)) for hit in heads.values())
    return (*first, *(hit for hit in together.hits if hit.passage.id not in heads))


def _of_both(hit: Hit, sides: Sequence[SearchResult]) -> tuple[ScoredSpan, ...]:
    """The sentences of a passage by what they say of either side; those of a side that it is not about count for less."""
    worths: dict[Span, float] = {}
    for found in sides:
        for other in found.hits:
            most = max((one.score for one in other.sentences), default=0.0)
            if other.passage.id == hit.passage.id and most:
                share = other.score / found.hits[0].score
                for one in other.sentences:
                    span = (one.start, one.end)
                    worths[span] = max(worths.get(span, 0.0), share * one.score / most)
    spans = (ScoredSpan(start=start, end=end, score=worth) for (start, end), worth in worths.items())
    return tuple(sorted(spans, key=lambda one: -one.score)) or hit.sentences
