"""The notes go in; their cards are made and become the current ones."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from bot.quiz.cards.values import Card
from bot.quiz.deck import Deck
from bot.state.cards import Synced
from knowledge.notes import Vault
from knowledge.passages import passages_of
from knowledge.types import Note, Passage, Skipped

Make = Callable[[Sequence[Note]], Iterable[Card]]
"""Makes the cards of all notes together, so that none asks twice what another note's card asks."""


async def refresh(deck: Deck, vault: Vault, make: Make) -> Synced:
    """Make the cards of all notes anew; those of notes that are gone are retired. What changed, in sums."""
    notes, passages, there = await asyncio.to_thread(_read, vault)
    made: dict[str, list[Card]] = defaultdict(list)
    for card in await asyncio.to_thread(make, notes):
        made[card.path].append(card)
    changes = [await deck.sync(note.path, made[note.path], passages[note.path]) for note in notes]
    gone = await deck.keep_notes(there)
    return Synced(
        added=sum(change.added for change in changes),
        kept=sum(change.kept for change in changes),
        suspended=sum(change.suspended for change in changes),
        retired=gone + sum(change.retired for change in changes),
        returned=sum(change.returned for change in changes),
    )


def _read(vault: Vault) -> tuple[list[Note], dict[str, tuple[Passage, ...]], set[str]]:
    """The notes, their passages, and the paths whose cards stay: a file that cannot be read for the moment is not gone."""
    files = list(vault.walk())
    read = [file if isinstance(file, Skipped) else vault.read(file.path) for file in files]
    notes = [one for one in read if isinstance(one, Note)]
    there = {one.path for one in read if isinstance(one, Note) or one.passing}
    return notes, {note.path: tuple(cut.passage for cut in passages_of(note)) for note in notes}, there
