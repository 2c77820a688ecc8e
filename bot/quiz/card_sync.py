"""Card sync: makes the cards of changed notes and the current set of the deck."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.quiz.cards.builder import make_cards
from bot.quiz.cards.card import Card, CardKind, NoteCards
from bot.quiz.cards.document import NoteDocument
from bot.quiz.cards.llm_writer import QuestionStore, StoredQuestion, cards_from, is_worth_asking, to_do
from bot.quiz.deck import Deck
from bot.storage.cards import Synced
from knowledge.notes import Vault
from knowledge.passages import passages_of
from knowledge.types import Note, Passage, Skipped

WITHOUT_MODEL = frozenset(CardKind) - {CardKind.ASKED}
"""What is made of a note about which the model has still to be asked: its cards of the note as it was wait for that."""


class Brought(NamedTuple):
    """What a note brought to the deck the last time."""

    cards: tuple[Card, ...]
    digests: frozenset[str]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The vault at one moment."""

    notes: tuple[Note, ...]
    passages: Mapping[str, tuple[Passage, ...]]
    there: frozenset[str]
    """The paths whose cards stay: a file that cannot be read for the moment is not gone."""

    def pages(self) -> list[NoteDocument]:
        return [NoteDocument(note, self.passages[note.path]) for note in self.notes]


class Refreshing:
    """Keeps a deck at the notes as they are. It remembers what it made: the next time only changed notes are read anew."""

    def __init__(self, deck: Deck, vault: Vault, questions: QuestionStore) -> None:
        self._deck = deck
        self._vault = vault
        self._questions = questions
        self._parts: Mapping[str, NoteCards] = {}
        self._brought: dict[str, Brought] = {}
        self._one_at_a_time = asyncio.Lock()

    async def refresh(self) -> Synced:
        """Make the cards of all notes, with what a model asked about them; those of notes that are gone are retired.

        Returns what changed, in sums.

        Raises:
            VaultProblem: the notes cannot be reached.
            QuestionsProblem: what the model asked cannot be read.
        """
        async with self._one_at_a_time:
            read = await asyncio.to_thread(read_vault, self._vault)
            asked, done = await asyncio.to_thread(self._asked, read)
            found, self._parts = await make_cards(
                [(note, read.passages[note.path]) for note in read.notes], before=self._parts, asked=asked
            )
            made: dict[str, list[Card]] = defaultdict(list)
            for card in found.cards:
                made[card.path].append(card)
            changes = [
                await self._bring(note.path, made[note.path], read.passages[note.path], whole=note.path in done)
                for note in read.notes
            ]
            changes.append(Synced(retired=await self._deck.keep_notes(read.there)))
            self._brought = {path: brought for path, brought in self._brought.items() if path in read.there}
            return _sum(changes)

    async def to_do(self, model: str) -> list[tuple[NoteDocument, Passage]]:
        """The passages that the model of that name has not been asked about yet."""

        def find() -> list[tuple[NoteDocument, Passage]]:
            return to_do(read_vault(self._vault).pages(), done=self._questions.done_by(model))

        return await asyncio.to_thread(find)

    async def _bring(self, path: str, cards: Sequence[Card], passages: Sequence[Passage], *, whole: bool) -> Synced:
        """Into the deck, unless it is what was brought the last time."""
        brought = Brought(tuple(cards), frozenset(passage.digest for passage in passages), whole)
        if self._brought.get(path) == brought:
            return Synced(kept=len(cards))
        changed = await self._deck.sync(path, cards, passages, kinds=None if whole else WITHOUT_MODEL)
        self._brought[path] = brought
        return changed

    def _asked(self, read: Read) -> tuple[list[Card], set[str]]:
        """The model's cards, and the notes about which nothing is left to be asked."""
        pairs = self._questions.all()
        if not pairs:
            return [], set()
        cards = [card for page in read.pages() for card in cards_from(page, pairs)]
        return cards, {path for path, passages in read.passages.items() if _is_done(passages, pairs)}


def read_vault(vault: Vault) -> Read:
    """Every note that can be read, with its passages."""
    files = [file if isinstance(file, Skipped) else vault.read(file.path) for file in vault.walk()]
    notes = tuple(one for one in files if isinstance(one, Note))
    there = frozenset(one.path for one in files if isinstance(one, Note) or one.passing)
    return Read(notes=notes, passages={note.path: tuple(cut.passage for cut in passages_of(note)) for note in notes}, there=there)


def _is_done(passages: Sequence[Passage], pairs: Mapping[str, Sequence[StoredQuestion]]) -> bool:
    return all(passage.digest in pairs for passage in passages if is_worth_asking(passage))


def _sum(changes: Sequence[Synced]) -> Synced:
    return Synced(
        added=sum(change.added for change in changes),
        kept=sum(change.kept for change in changes),
        suspended=sum(change.suspended for change in changes),
        retired=sum(change.retired for change in changes),
        returned=sum(change.returned for change in changes),
    )
