"""The notes go in; their cards are made and become the current ones."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping

from bot.quiz.cards.making import make_cards
from bot.quiz.cards.values import Card, Kind, NoteCards
from bot.quiz.deck import Deck
from bot.state.cards import Synced
from knowledge.notes import Vault
from knowledge.passages import passages_of
from knowledge.types import Note, Passage, Skipped

FOUND = frozenset(Kind) - {Kind.ASKED}
"""What this run makes; cards that the model asked wait for the model."""


async def refresh(deck: Deck, vault: Vault, before: Mapping[str, NoteCards] = {}) -> tuple[Synced, dict[str, NoteCards]]:
    """Make the cards of all notes that need no model; those of notes that are gone are retired.

    What changed, in sums, and each note's cards, which the next call takes as `before` so that it reads changed notes only.
    """
    notes, passages, there = await asyncio.to_thread(_read, vault)
    made: dict[str, list[Card]] = defaultdict(list)
    found, parts = await make_cards([(note, passages[note.path]) for note in notes], before=before)
    for card in found.cards:
        made[card.path].append(card)
    changes = [await deck.sync(note.path, made[note.path], passages[note.path], kinds=FOUND) for note in notes]
    gone = await deck.keep_notes(there)
    changed = Synced(
        added=sum(change.added for change in changes),
        kept=sum(change.kept for change in changes),
        suspended=sum(change.suspended for change in changes),
        retired=gone + sum(change.retired for change in changes),
        returned=sum(change.returned for change in changes),
    )
    return changed, parts


def _read(vault: Vault) -> tuple[list[Note], dict[str, tuple[Passage, ...]], set[str]]:
    """The notes, their passages, and the paths whose cards stay: a file that cannot be read for the moment is not gone."""
    files = list(vault.walk())
    read = [file if isinstance(file, Skipped) else vault.read(file.path) for file in files]
    notes = [one for one in read if isinstance(one, Note)]
    there = {one.path for one in read if isinstance(one, Note) or one.passing}
    return notes, {note.path: tuple(cut.passage for cut in passages_of(note)) for note in notes}, there
