"""The part of a passage that is worth a slow model's time: the sentence that answers best, with its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from knowledge.types import Hit, Span

SHARE_OF_BEST = 0.3
"""Of the room for all passages, the best one may have so much; the others share the rest."""
LEAST = 100
"""Tokens; with less, a passage says too little to be read."""


def focus(hits: Sequence[Hit], room: int, count: Callable[[str], int]) -> tuple[tuple[Hit, Span], ...]:
    """The hits that are worth `room` tokens, each with its place in its file that is to be read; the best one always."""
    kept: list[tuple[Hit, Span]] = []
    for at, hit in enumerate(hits):
        share = room * SHARE_OF_BEST if not at else room / max(1, len(hits) - at)
        if kept and share < LEAST:
            share = LEAST
        span = around_best(hit, max(int(share), LEAST), count)
        size = count(_words(hit, span))
        if kept and size > room:
            break
        kept.append((hit, span))
        room -= size
    return tuple(kept)


def around_best(hit: Hit, room: int, count: Callable[[str], int]) -> Span:
    """The whole passage if it fits, else its best sentence and as many around it as fit, rather those behind it."""
    passage = hit.passage
    whole = (passage.start, passage.end)
    if count(passage.text) <= room or not hit.sentences:
        return whole
    spans = sorted((span.start, span.end) for span in hit.sentences)
    first = last = spans.index((hit.sentences[0].start, hit.sentences[0].end))

    def fits(start: int, end: int) -> bool:
        return start >= 0 and end < len(spans) and count(passage.text[spans[start][0] : spans[end][1]]) <= room

    while fits(first, last + 1) or fits(first - 1, last):
        last += fits(first, last + 1)
        first -= fits(first - 1, last)
    return (passage.start + spans[first][0], passage.start + spans[last][1])


def _words(hit: Hit, span: Span) -> str:
    base = hit.passage.start
    return hit.passage.text[span[0] - base : span[1] - base]
