"""Splitter of long answers into messages, none larger than the platform allows.

Parts are filled from the front, and where one ends depends on nothing behind the line that did not fit. So when a text that ends
with a whole block grows by more blocks, every part but the last stays as it is. While a block is unfinished, the parts that ended
before it began stay. (Exceptions are Markdown's own: a link's definition, or a list item after an empty line, changes what stands
before it.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from bot.markup.styled_text import Rank, StyledLine, parted, trimmed

SENTENCE = re.compile(r"[。！？!?…；;][\"'”’」』）)\]]*$|\.[\"')\]]*\s$")
PAUSE = re.compile(r"[\s，、,：:]$")
CLUSTER = 64
"""Code points after a place that may belong to the character before it."""
GUESSES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a line takes of the limit. Both are upper bounds, and they add up."""

    cost: Callable[[StyledLine], int]
    """The line with its line break, marker and markup."""
    overhead: Callable[[StyledLine], int]
    """What its fence takes in addition where it begins, or begins again."""


def pack(lines: Sequence[StyledLine], measure: Measure, limit: int) -> list[list[StyledLine]]:
    """Every line in order; a part ends with a block if one ends in its second half, else with an item, a line, a sentence."""
    waiting = list(reversed(lines))
    parts: list[list[StyledLine]] = []
    while waiting:
        parts.append(_fill(waiting, measure, limit))
    return parts


def _fill(waiting: list[StyledLine], measure: Measure, limit: int) -> list[StyledLine]:
    """Take the next part off the end of `waiting`."""
    taken: list[StyledLine] = []
    starts: list[int] = []
    used = 0
    while waiting:
        line = waiting[-1]
        opening = measure.overhead(line) if line.fence and (not taken or taken[-1].fence is not line.fence) else 0
        cost = limit + 1 if _is_over(line, limit) else opening + measure.cost(line)
        if used + cost > limit:
            _end(taken, [*starts, used], waiting, measure, room=limit - used - opening, limit=limit)
            break
        starts.append(used)
        used += cost
        taken.append(waiting.pop())
    return taken


def _is_over(line: StyledLine, limit: int) -> bool:
    """True for a line that is too long without any markup: what is cut off it bit by bit is not drawn whole each time."""
    length = 0
    for run in line.runs:
        length += len(run.text)
        if length > limit:
            return True
    return False


def _end(
    taken: list[StyledLine], starts: list[int], waiting: list[StyledLine], measure: Measure, *, room: int, limit: int
) -> None:
    """The last of `waiting` did not fit: give lines back, or cut it in two."""
    ranks = [line.rank for line in taken] + [waiting[-1].rank]
    good = [place for place in range(1, len(ranks)) if starts[place] * 2 >= limit]
    if good:
        best = max(good, key=lambda place: (ranks[place], place))
        waiting.extend(reversed(taken[best:]))
        del taken[best:]
        return
    head, tail = cut(waiting[-1], room, measure.cost, forced=not taken)
    if head is not None:
        taken.append(head)
        waiting[-1] = tail


def cut(line: StyledLine, room: int, cost: Callable[[StyledLine], int], *, forced: bool) -> tuple[StyledLine | None, StyledLine]:
    """The line in two, the first not over `room`; no first where nothing sensible fits, unless one is forced."""
    beginning = replace(line, runs=parted(line.runs, max(room, 0) + CLUSTER)[0])
    text = beginning.text
    end = _fitting(beginning, min(len(text), max(room, 0)), room, cost)
    place = _place(text, end, words=line.fence is None)
    if place == 0 and forced:
        place = max(end, 1)
    if place == 0:
        return None, line
    head, tail = parted(line.runs, place)
    if line.fence is None:
        head, tail = trimmed(head), trimmed(tail)
    return replace(line, runs=head), replace(line, runs=tail, marker="", gap=False, rank=Rank.INSIDE)


def _fitting(line: StyledLine, most: int, room: int, cost: Callable[[StyledLine], int]) -> int:
    """The greatest number of characters whose cost is within the room: guessed by what others cost, in the end by halving."""
    low, below = 0, 0
    high, above = most + 1, room + 1
    for tried in count():
        if high - low <= 1:
            return low
        guess = low + round((high - low) * (room - below) / (above - below)) if tried < GUESSES else (low + high) // 2
        middle = most if not tried else min(max(guess, low + 1), high - 1)
        found = cost(replace(line, runs=parted(line.runs, middle)[0]))
        if found <= room:
            low, below = middle, found
        else:
            high, above = middle, found
    return low


def _place(text: str, end: int, *, words: bool) -> int:
    """Where to cut at or before `end`: after a sentence, else a pause, in the second half, else between visible characters."""
    from wcwidth import iter_graphemes

    last = pause = sentence = 0
    at = 0
    for cluster in iter_graphemes(text[: end + CLUSTER]):
        at += len(cluster)
        if at > end:
            break
        last = at
        if words and at * 2 >= end:
            tail = text[max(0, at - 4) : at]
            pause = at if PAUSE.search(tail) else pause
            sentence = at if SENTENCE.search(tail) else sentence
    return sentence or pause or last
