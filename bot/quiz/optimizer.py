"""A person's reviews go in; the FSRS weights that fit them come out. Needs the extra `optimizer` (PyTorch)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import blake2b

from bot.settings import Problem
from bot.storage.cards import Review

ENOUGH = 400
"""Reviews below which the library's own weights fit better than fitted ones."""


class CannotOptimize(Problem):
    """What is missing: the name of its words in `prompts/quiz.yaml` and their values."""

    def __init__(self, name: str, **values: object) -> None:
        super().__init__(name)
        self.name = name
        self.values = values


async def fitted_parameters(reviews: Sequence[Review]) -> tuple[float, ...]:
    """The 21 weights of FSRS for these reviews; takes minutes of a processor.

    Raises:
        CannotOptimize: there are too few reviews, or PyTorch is not installed.
    """
    if len(reviews) < ENOUGH:
        raise CannotOptimize("optimize_few", count=len(reviews), enough=ENOUGH)
    return await asyncio.to_thread(_fit, tuple(reviews))


def _fit(reviews: Sequence[Review]) -> tuple[float, ...]:
    import fsrs

    logs = [
        fsrs.ReviewLog(
            card_id=number_of(review.card),
            rating=fsrs.Rating(review.rating),
            review_datetime=review.at,
            review_duration=review.milliseconds,
        )
        for review in reviews
    ]
    try:
        return tuple(fsrs.Optimizer(logs).compute_optimal_parameters())
    except ImportError as error:
        raise CannotOptimize("optimize_missing") from error


def number_of(card: str) -> int:
    """A card's id as the positive number that FSRS wants, the same on every machine; 52 bits, exact in any JSON reader."""
    return int.from_bytes(blake2b(card.encode(), digest_size=8).digest()) >> 12
