"""A card and others go in; choices come out, the right one among them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bot.quiz.cards.values import Card


def choices(card: Card, others: Sequence[Card], seed: int) -> tuple[str, ...]:
    wrong = sorted({other.answer for other in others if other.kind == card.kind and other.answer != card.answer})
    order = random.Random(seed)  # noqa: S311 - a quiz, no secret
    if not wrong:
        return ()
    options = [card.answer, *order.sample(wrong, min(3, len(wrong)))]
    order.shuffle(options)
    return tuple(options)
