"""Distractors: a card's answer among three wrong ones of the same kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from bot.quiz.cards.card import Card, CardKind
from bot.quiz.cards.rendered_text import bare, telling
from bot.quiz.grader import NONE, Synonyms
from knowledge.passages import plain

WRONG = 3
ALIKE = 0.6
"""Share of their character pairs from which two choices are too much alike to be told apart fairly."""
LENGTHS = 3.0
"""A choice this many times as long or as short as the answer gives the answer away."""
UNSUITED = frozenset({CardKind.LIST})


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleChoice:
    """`options[right]` is the answer."""

    options: tuple[str, ...]
    right: int


def choices_for(card: Card, others: Iterable[Card], *, seed: int, synonyms: Synonyms = NONE) -> MultipleChoice | None:
    """Four options in an order that only the card and the seed decide; None where there are not three fair wrong ones."""
    if card.kind in UNSUITED:
        return None
    answer = " ".join(plain(card.answer).split())
    chance = Random(int.from_bytes(blake2b(f"{card.id}/{seed}".encode(), digest_size=8).digest(), "big"))  # noqa: S311 - a game
    wrong: list[str] = []
    refused = _Refused(card, answer, synonyms)
    for group in _candidates(card, others):
        fresh = sorted(set(group))
        chance.shuffle(fresh)
        for option in sorted(fresh, key=lambda option: _distance(answer, option)):
            if len(wrong) < WRONG and not refused(option, wrong):
                wrong.append(option)
    if len(wrong) < WRONG:
        return None
    options = [answer, *wrong]
    chance.shuffle(options)
    return MultipleChoice(options=tuple(options), right=options.index(answer))


def _candidates(card: Card, others: Iterable[Card]) -> Sequence[list[str]]:
    """Answers of the same kind of thing: beside the card's own, then under its heading, in its note, anywhere."""
    kin = [
        other for other in others if card.thing and _kind_of_thing(other) == _kind_of_thing(card) and not _asks_same(card, other)
    ]
    same_heading = [other for other in kin if (other.path, other.heading) == (card.path, card.heading)]
    same_note = [other for other in kin if other.path == card.path and other not in same_heading]
    elsewhere = [other for other in kin if other.path != card.path]
    shown = [[" ".join(plain(other.answer).split()) for other in group] for group in (same_heading, same_note, elsewhere)]
    return [[" ".join(plain(sibling).split()) for sibling in card.siblings], *shown]


def _asks_same(card: Card, other: Card) -> bool:
    """All that the one question asks about stands in the other: the other's answer may be right here too."""
    if other.id == card.id or bare(other.prompt) == bare(card.prompt):
        return True
    mine, its = telling(card.question), telling(other.question)
    return min(len(mine), len(its)) > 1 and (mine <= its or its <= mine)


def _kind_of_thing(card: Card) -> str:
    """`column/…` and `number/…` must agree wholly; of the rest the kind alone."""
    head = card.thing.split("/")[0]
    return card.thing if head in ("column", "number", "item", "attribute") else head


class _Refused:
    """Says of a choice whether it is unfair: right, too much like another one, or seen in the question."""

    def __init__(self, card: Card, answer: str, synonyms: Synonyms) -> None:
        self._prompt = bare(card.prompt)
        self._answer = answer
        self._synonyms = synonyms
        self._right = {form for text in (answer, *card.also) for form in self._forms(text)}

    def __call__(self, option: str, chosen: Sequence[str]) -> bool:
        form = bare(option)
        if not form or form in self._right or (form in self._prompt and not form.isdigit()):
            return True
        length = len(form) / max(1, len(bare(self._answer)))
        if not 1 / LENGTHS <= length <= LENGTHS or _is_latin(option) != _is_latin(self._answer):
            return True
        taken = {*self._right, *(form for other in chosen for form in self._forms(other))}
        return any(are_alike(form, other) for other in taken)

    def _forms(self, text: str) -> set[str]:
        """The text and its other names."""
        return {bare(text), *map(bare, self._synonyms.of(text))}


def are_alike(one: str, other: str) -> bool:
    """One holds the other, or they share most of their character pairs; of numbers only equal ones are alike."""
    if re.search(r"\d", one) and re.search(r"\d", other):
        return re.findall(r"\d+", one) == re.findall(r"\d+", other) or _is_part(
            re.findall(r"\d+", one), re.findall(r"\d+", other)
        )
    if one in other or other in one:
        return True
    mine, its = ({text[at : at + 2] for at in range(len(text) - 1)} for text in (one, other))
    return len(mine & its) >= ALIKE * min(len(mine), len(its)) if mine and its else one == other


def _is_part(one: list[str], other: list[str]) -> bool:
    """2023 年 is no wrong answer beside 2023 年 3 月."""
    fewer = min(len(one), len(other))
    return len(one) != len(other) and one[:fewer] == other[:fewer]


def _distance(answer: str, option: str) -> float:
    """Numbers by size, the rest by length: wrong answers should not stand out."""
    mine, its = _number(answer), _number(option)
    if mine and its:
        return abs(mine - its) / max(mine, its)
    return abs(len(answer) - len(option)) / max(len(answer), len(option), 1)


def _number(text: str) -> float:
    match = re.search(r"\d[\d,]*(?:\.\d+)?", text)
    return float(match[0].replace(",", "")) if match else 0.0


def _is_latin(text: str) -> bool:
    return not re.search(r"[\u3400-\u9fff]", text)
