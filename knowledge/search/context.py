"""How far a question leans on what was asked before it: a share of the ranking that is bounded as a whole.

All of a context together never outweighs the message's own words: it lifts a passage above the one that they find best only
if they find it too, or if it comes out the same. Only a message that has no words of its own is left to its context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SURE, HARDLY = 1.0, 0.5
"""The share of a context that the message itself points to, and of one that it points to though it is well answered alone."""
WEAK, STRONG = 1.0, 2.0
"""How strongly a message that points to nothing is answered alone, in multiples of the floor.

Below the first it leans in full, above the second not at all. On 147 turns of conversations nearly every step further in a
subject lies below, and nearly every change of subject above.
"""
MUCH = 8.0
"""The telling terms, counted as rare ones, of a message that says enough itself to stand alone."""
EARLIER, WORDS = 0.9, 0.2
"""Parts of the share: how well a passage answers earlier questions; what their words count when its sentences are chosen."""
BOUND, TIE = 1.0, 0.001
"""What all of it adds at most beyond what it adds to the passage that the message itself finds best, in the score of that
one; and what decides between two that come out the same."""
WORDLESS = 10.0
"""How many times as much a context counts for a message that has no words of its own: why, 那怎么样呢."""
SAME_SECTION, BESIDE = 0.3, 0.15
"""Parts of the share for a passage of the section that answered before, and of one below or beside it.

The next step in a subject mostly stands there.
"""
LEANS = 0.3
"""From this share on a question is a step further in what was asked before, not a subject of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a question may lean on."""

    questions: tuple[tuple[str, float], ...]
    """Earlier questions, the last one first, each with its weight."""
    section: tuple[str, ...] = ()
    """Note and headings of what answered the last one."""
    sure: bool = False
    """True when the message points to it, by a pronoun or an ellipsis."""
    most: float = SURE

    def share(self, strength: float, mass: float) -> float:
        """The share of the context in the ranking of a question of this strength and mass of terms (see `WeightedQuery`)."""
        if self.sure:
            return min(self.most, SURE if strength < STRONG else HARDLY)
        if mass >= MUCH:
            return 0.0
        return min(self.most, SURE * min(1.0, max(0.0, (STRONG - strength) / (STRONG - WEAK))))

    def nearness(self, path: str, heading: tuple[str, ...]) -> float:
        """What a passage counts for where it stands."""
        here = (path, *heading)
        if self.section == here:
            return SAME_SECTION
        above = self.section[:-1] if len(self.section) > 3 else self.section
        return BESIDE if len(above) > 1 and here[: len(above)] == above else 0.0


def bounded(standing: Mapping[int, float], near: Mapping[int, float], first: int) -> dict[int, float]:
    """What a context adds to each passage, by how well it answers earlier questions and how near it stands to their answer.

    `first` is the passage that the message itself finds best.
    """
    best = max(standing.values()) or 1.0
    worths = {row: EARLIER * value / best + near[row] for row, value in standing.items()}
    return {row: min(worth, worths[first] + BOUND + TIE) for row, worth in worths.items()}
