"""Card builder: all cards of the notes, each fact once, whoever asks for it."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from bot.quiz.cards.authored import written
from bot.quiz.cards.card import LONGEST, SHORTEST, Card, CardSet, CardSource, NoteCards
from bot.quiz.cards.document import NoteDocument
from bot.quiz.cards.extractors import find
from bot.quiz.cards.rendered_text import bare, gives_away, telling
from knowledge.passages import plain
from knowledge.types import Note, Passage, Span

VERSION = 2
"""Goes up with every change of the rules that makes other cards."""
ALIKE = 0.8
"""Share of the shorter question's terms that the longer one holds, from which two questions with one answer are the same."""
COMPARED = 50
"""Questions with one answer that another one is held against."""
ORDER = {source: rank for rank, source in enumerate(CardSource)}


def cards_of(note: Note, passages: Sequence[Passage]) -> NoteCards:
    """The cards of one note without a model. A sentence that a person made a card of is not asked about again."""
    page = NoteDocument(note, passages)
    dropped: Counter[str] = Counter()
    by_hand = list(written(page))
    cards = [page.card(draft, CardSource.WRITTEN) for draft in by_hand]
    taken = _Taken(draft.around for draft in by_hand)
    for draft in find(page):
        why = "written anyway" if taken.overlaps(draft.around) else ""
        card = page.card(draft, CardSource.FOUND)
        why = why or reason_against(card)
        if why:
            dropped[why] += 1
        else:
            cards.append(card)
    return NoteCards(path=note.path, digest=note.digest, version=VERSION, cards=tuple(cards), dropped=dict(dropped))


def reason_against(card: Card) -> str:
    """Why a card that no person wrote cannot be asked; empty when it can."""
    if not SHORTEST <= len(plain(card.answer)) <= LONGEST:
        return "answer too short or too long"
    return "question holds the answer" if gives_away(card.prompt, card.answer) else ""


async def make_cards(
    notes: Iterable[tuple[Note, Sequence[Passage]]], *, before: Mapping[str, NoteCards] = {}, asked: Iterable[Card] = ()
) -> tuple[CardSet, dict[str, NoteCards]]:
    """The cards of all notes, and each note's own for the next time.

    `before` is what an earlier call gave, by path: a note with the same digest is not read again. `asked` are the model's cards.
    """
    parts: dict[str, NoteCards] = {}
    for note, passages in notes:
        known = before.get(note.path)
        fresh = known is not None and (known.digest, known.version) == (note.digest, VERSION)
        parts[note.path] = known if known is not None and fresh else await asyncio.to_thread(cards_of, note, passages)
    return await asyncio.to_thread(merge, parts.values(), asked), parts


def merge(parts: Iterable[NoteCards], asked: Iterable[Card] = ()) -> CardSet:
    """One set: what asks the same is kept once, written cards before found ones before those of the model.

    Two answers to one prompt make one card with another right answer.
    """
    listed = list(parts)
    dropped: Counter[str] = Counter()
    for part in listed:
        dropped.update(part.dropped)
    every = sorted([card for part in listed for card in part.cards] + list(asked), key=lambda card: ORDER[card.source])
    kept = _Kept()
    for card in every:
        why = kept.take(card)
        if why:
            dropped[why] += 1
    cards = kept.cards()
    return CardSet(cards=cards, made=dict(Counter(card.source for card in cards)), dropped=dict(dropped))


class _Kept:
    """The cards that stay, found again by id, by prompt and by answer."""

    def __init__(self) -> None:
        self._by_id: dict[str, Card] = {}
        self._by_prompt: dict[str, str] = {}
        self._by_answer: dict[str, list[tuple[frozenset[str], str]]] = {}

    def cards(self) -> tuple[Card, ...]:
        return tuple(self._by_id.values())

    def take(self, card: Card) -> str:
        """Keep the card, or say why not."""
        prompt, answer = bare(card.prompt), bare(card.answer)
        twin = self._by_prompt.get(prompt) or (card.id if card.id in self._by_id else "")
        if twin:
            return self._merge(twin, card)
        words = telling(card.question)
        if any(_are_alike(words, other) for other, _ in self._by_answer.get(answer, [])[:COMPARED]):
            return "asked in other words"
        self._by_id[card.id] = card
        self._by_prompt[prompt] = card.id
        self._by_answer.setdefault(answer, []).append((words, card.id))
        return ""

    def _merge(self, twin: str, card: Card) -> str:
        first = self._by_id[twin]
        if bare(card.answer) not in {bare(first.answer), *map(bare, first.also)}:
            self._by_id[twin] = replace(first, also=(*first.also, plain(card.answer)))
            return "another answer to the same question"
        return "asked twice"


class _Taken:
    """The stretches of a note that a person made cards of."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def overlaps(self, span: Span) -> bool:
        before = bisect_left(self._starts, span[1])
        return before > 0 and self._ends[before - 1] > span[0]


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    fewer = min(len(one), len(other))
    return fewer > 0 and len(one & other) >= ALIKE * fewer
