"""What a question found goes in; whether that is more than an unrelated question would find comes out.

How strongly a question is answered is the best passage's lexical score, divided by what it would be if everything asked
stood there: the sum of the idf of the question's telling terms, and of `PRIOR` more terms, so that a short question does not
seem well answered by one common word. On questions about other subjects this separates better than the score alone (AUROC
.995 against .98 on a vault of notes, .999 on CMRC 2018).

How much an unrelated question finds by chance differs from vault to vault: the floor is what everyday questions find in this
one, all but the luckiest seventh of them.

A paraphrase may share no word with the passage that answers it. With an embedding model that finds meanings, a question is
answered too when a passage is nearer to it than everyday questions come to any: all but the luckiest sixteenth of them, and a
quarter of the way from there to sameness, since a question about the right subject is near without being answered. How near
strangers are differs from model to model as much as from vault to vault, so this is measured in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from knowledge.text.everyday_questions import EVERYDAY

PRIOR = 8.0
"""Terms, as rare as can be, that every question is taken to have besides its own."""
LUCKY = 0.15
LUCKY_NEAR, NEARER = 1 / 16, 1 / 4
LOWEST, HIGHEST = 0.08, 0.45
"""Bounds of the floor, for vaults that are tiny, or about everyday matters."""
NEVER = 2.0
"""A similarity that no passage has: nothing has been measured."""


def strength(best: float, masses: Iterable[float], rarest: float) -> float:
    """How strongly a question is answered; `masses` are the idf of its telling terms, `rarest` that of a term never seen."""
    return best / (sum(masses) + PRIOR * rarest)


def calibrate_nearness(similarities: Iterable[float]) -> float:
    """The similarity that a passage must have; `similarities` are those of the passage nearest to each everyday question."""
    found = sorted(similarities)
    if len(found) < len(EVERYDAY):
        return NEVER
    by_chance = found[int(len(found) * (1 - LUCKY_NEAR))]
    return by_chance + NEARER * (1 - by_chance)


def calibrate(strength_of: Callable[[str], float]) -> float:
    """The floor: what is found by chance, measured with questions that notes do not answer."""
    found = sorted(strength_of(question) for question in EVERYDAY)
    return min(HIGHEST, max(LOWEST, found[int(len(found) * (1 - LUCKY))]))
