"""What quizzes share, and the cards of one vault: stored, refreshed from the notes, found by topic (exact or near names)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Self

from bot.quiz.cards.card import Card, CardKind, CardSource
from bot.quiz.timezones import day_of, end_of_today, start_of
from bot.storage import Database, Transaction
from bot.storage.cards import Cards, CardSection, Groups, KeptCard, Learner, Learners, Reviews, Sessions, Synced
from bot.types import Citation
from knowledge import text
from knowledge.types import Passage

NEAR = 5
"""Names offered when nothing matches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    """Ids of the sections that a topic means; without any, names that come near it."""

    sections: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def match(words: str, sections: Sequence[CardSection]) -> TopicMatch:
    """The strictest reading that finds something: a name as it is, a part of a name, all words somewhere in the names."""
    wanted = _folded(words)
    named = [(section, [_folded(name) for name in names_of(section)]) for section in sections]
    readings: tuple[Callable[[list[str]], bool], ...] = (
        lambda names: wanted in names,
        lambda names: any(wanted in name for name in names),
        lambda names: _all_words(wanted, " ".join(names)),
    )
    for reading in readings if wanted else ():
        if found := tuple(section.id for section, names in named if reading(names)):
            return TopicMatch(sections=found)
    return TopicMatch(near=near(wanted, sections))


def names_of(section: CardSection) -> tuple[str, ...]:
    """Everything that a section may be called by."""
    path = PurePosixPath(section.path)
    return (section.title, section.path, str(path.with_suffix("")), path.stem, *section.heading, *section.tags)


def near(wanted: str, sections: Sequence[CardSection]) -> tuple[str, ...]:
    """Titles and headings that look or sound like it; the first titles when none does."""
    names = {_folded(name): name for section in sections for name in (section.title, *section.tags, *section.heading)}
    alike = [names[name] for name in get_close_matches(wanted, names, n=NEAR, cutoff=0.5)]
    terms = set(text.terms(wanted))
    sharing = [name for _, name in sorted(_sharing(terms, names.values()), reverse=True)]
    titles = [section.title for section in sections]
    return tuple(dict.fromkeys([*alike, *sharing] or titles))[:NEAR]


def _sharing(terms: set[str], names: Iterable[str]) -> Iterable[tuple[float, str]]:
    for name in names:
        own = set(text.terms(name))
        if terms & own:
            yield len(terms & own) / len(terms | own), name


def _all_words(wanted: str, names: str) -> bool:
    words = wanted.split()
    return len(words) > 1 and all(word in names for word in words)


@lru_cache(maxsize=65_536)
def _folded(words: str) -> str:
    return " ".join(text.fold(words).casefold().removeprefix("#").split())


BY_HAND = (CardKind.PAIR, CardKind.CLOZE)


class Deck:
    """All cards of a vault."""

    def __init__(self, database: Database, vault: str = "") -> None:
        self.store = Cards(database, vault)
        self.vault = vault

    async def sync(
        self, path: str, cards: Sequence[Card], passages: Sequence[Passage] = (), *, kinds: Collection[str] | None = None
    ) -> Synced:
        """Make `cards` the current ones of a note; see `bot.storage.cards.Cards.sync`."""
        return await self.store.sync(path, [_kept(card) for card in cards], passages, kinds=kinds)

    async def passages_changed(self, path: str, passages: Sequence[Passage]) -> int:
        """Suspend the cards of passages that the note does not have any more, until it is synced; how many."""
        return await self.store.passages_changed(path, {passage.digest for passage in passages})

    async def keep_notes(self, paths: Collection[str]) -> int:
        """Retire the cards of notes that are gone; how many."""
        return await self.store.keep_notes(paths)

    async def card(self, card_id: str) -> Card | None:
        """The card whatever has become of it."""
        kept = await self.store.get(card_id)
        return _card(kept) if kept else None

    async def current_card(self, card_id: str) -> Card | None:
        """The card if it may be asked."""
        kept = await self.store.get(card_id, active=True)
        return _card(kept) if kept else None

    def askable_in(self, connection: Transaction, person: str, card_id: str) -> Card | None:
        """The card if it is current and does not rest for the person; inside a transaction."""
        kept = self.store.askable_in(connection, person, card_id)
        return _card(kept) if kept else None

    async def cards(self, sections: Collection[str] | None = None, *, path: str = "", limit: int = 0) -> tuple[Card, ...]:
        """The current cards in the order of the notes."""
        kept = await self.store.active(sections=sections, path=path, limit=limit)
        return tuple(_card(one) for one in kept)

    async def kin(self, card: Card, *, limit: int) -> tuple[Card, ...]:
        """Cards of the same kind from other notes; of those that people wrote only what is in one deck with it."""
        kept = map(_card, await self.store.kin(str(card.kind), card.path, limit=limit))
        return tuple(one for one in kept if card.kind not in BY_HAND or set(one.tags) & set(card.tags))

    async def topic(self, words: str) -> TopicMatch:
        """The sections that a topic means."""
        return await asyncio.to_thread(match, words, await self.store.sections())

    async def due(self, learner: Learner, now: datetime, *, sections: Collection[str] | None = None, limit: int) -> list[str]:
        """Ids of the person's due cards, the longest overdue first."""
        ends = end_of_today(now, learner.timezone)
        return await self.store.due(learner.person, now=now, today_ends=ends, sections=sections, limit=limit)

    async def count_due(self, learner: Learner, now: datetime, *, sections: Collection[str] | None = None) -> int:
        ends = end_of_today(now, learner.timezone)
        return await self.store.count_due(learner.person, now=now, today_ends=ends, sections=sections)


def citation_of(card: Card) -> Citation:
    """Where a card comes from, for `bot.commands.sources.show`."""
    return Citation(
        n=1,
        path=card.path,
        title=card.title,
        heading=card.heading,
        lines=card.lines,
        start=card.start,
        end=card.end,
        text=card.answer,
        passage=card.passage,
    )


def _kept(card: Card) -> KeptCard:
    return KeptCard(
        id=card.id,
        path=card.path,
        title=card.title,
        heading=card.heading,
        tags=card.tags,
        start=card.start,
        kind=str(card.kind),
        digest=card.passage_digest,
        content={name: _plain(value) for name, value in asdict(card).items()},
    )


def _plain(value: object) -> object:
    """As JSON gives it back: a card that has not changed is told by that."""
    if isinstance(value, StrEnum):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _card(kept: KeptCard) -> Card:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.content.items()}
    return Card(**{**values, "kind": CardKind(values["kind"]), "source": CardSource(values["source"])})


Clock = Callable[[], datetime]
"""The time now, in UTC."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizContext:
    """The stores of one vault's quizzes."""

    database: Database
    deck: Deck
    reviews: Reviews
    learners: Learners
    sessions: Sessions
    groups: Groups
    now: Clock

    @classmethod
    def over(cls, database: Database, *, vault: str = "", defaults: Learner | None = None, clock: Clock = utc_now) -> Self:
        """The desk over a database; `defaults` are the settings of a person who has set nothing."""
        return cls(
            database=database,
            deck=Deck(database, vault),
            reviews=Reviews(database),
            learners=Learners(database, defaults),
            sessions=Sessions(database),
            groups=Groups(database),
            now=clock,
        )

    async def new_left(self, learner: Learner) -> int:
        """How many new cards the person may still see today."""
        today = start_of(day_of(self.now(), learner.timezone), learner.timezone)
        return max(0, learner.new_per_day - await self.reviews.new_since(learner.person, today))
