"""A typed answer goes in; whether it is right comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.quiz.cards.values import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    state: Literal["right", "partly", "wrong"]
    missing: tuple[str, ...] = ()


def judge(card: Card, typed: str, synonyms: Mapping[str, tuple[str, ...]]) -> Verdict:
    if typed.strip().casefold() == card.answer.strip().casefold():
        return Verdict(state="right")
    near = typed.strip() and typed.strip().casefold() in card.answer.casefold()
    return Verdict(state="partly" if near else "wrong", missing=(card.answer,))
