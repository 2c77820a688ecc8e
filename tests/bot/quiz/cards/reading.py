"""Texts go in; pages and cards come out, as the bot would make them."""

from __future__ import annotations

from bot.quiz.cards.builder import cards_of
from bot.quiz.cards.card import Card, CardSource
from bot.quiz.cards.document import NoteDocument
from knowledge.passages import passages_of
from knowledge.types import Note, Passage
from tests.knowledge.writing import note_of


def passages_in(note: Note) -> list[Passage]:
    return [cut.passage for cut in passages_of(note)]


def page_of(text: str, path: str = "note.md") -> NoteDocument:
    note = note_of(text, path)
    return NoteDocument(note, passages_in(note))


def cards_in(text: str, path: str = "note.md") -> tuple[Card, ...]:
    note = note_of(text, path)
    return cards_of(note, passages_in(note)).cards


def found_in(text: str) -> dict[str, str]:
    """Prompts and answers of what was found without a person."""
    return {card.prompt: card.answer for card in cards_in(text) if card.source is CardSource.FOUND}


def written_in(text: str) -> list[tuple[str, str]]:
    """Questions and answers that a person wrote."""
    return [(card.question, card.answer) for card in cards_in(text) if card.source is CardSource.WRITTEN]
