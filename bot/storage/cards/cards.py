"""Cards by note; what is no longer made is put aside, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, or_, select, update

from bot.storage.cards.schema import cards, schedules
from bot.storage.database import Database, reading, writing
from knowledge.types import Passage

REVIEW = 2
"""FSRS's number for a card that has left its learning steps."""
ACTIVE, SUSPENDED, RETIRED = "active", "suspended", "retired"
CHUNK = 500
"""Ids in one query: SQLite takes 32,766 variables, PostgreSQL 65,535."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCard:
    """A card as it is kept: what it is looked up by, and the rest as it came."""

    id: str
    path: str
    title: str
    heading: tuple[str, ...]
    tags: tuple[str, ...]
    start: int
    kind: str
    digest: str
    """That of the passage it was made from."""
    content: Mapping[str, Any]
    """Everything else about the card, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a note's new cards changed."""

    added: int = 0
    kept: int = 0
    suspended: int = 0
    retired: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSection:
    """Cards that share a note, a heading and tags: what a topic is matched against."""

    id: str
    path: str
    title: str
    heading: tuple[str, ...]
    tags: tuple[str, ...]
    cards: int


class Cards:
    """The cards of one vault."""

    def __init__(self, database: Database, vault: str = "") -> None:
        self.database = database
        self.vault = vault

    @writing
    def sync(
        self,
        connection: Connection,
        path: str,
        made: Sequence[KeptCard],
        passages: Sequence[Passage] = (),
        *,
        kinds: Collection[str] | None = None,
    ) -> Synced:
        """Make `made` the current cards of the note at `path`, which has these `passages` now.

        `kinds` are the kinds of card that this run makes (all when not given). A card that was not made again is retired when
        its kind was made, or when its passage is gone together with its heading; it is suspended when its passage changed and
        its kind is still to be made; else it stays.
        """
        new = {card.id: card for card in made}
        digests, headings = {passage.digest for passage in passages}, {passage.heading for passage in passages}
        old = {row.id: row for row in connection.execute(select(cards).where(self._here, cards.c.path == path))}
        left = {key: row for key, row in old.items() if key not in new}
        states = {key: _fate(row, digests=digests, headings=headings, kinds=kinds) for key, row in left.items()}
        self._put(connection, new)
        for state in (SUSPENDED, RETIRED):
            self._set_state(connection, state, [i for i, wanted in states.items() if wanted == state != old[i].state])
        return Synced(
            added=len(new.keys() - old.keys()),
            kept=sum(1 for key in new.keys() & old.keys() if old[key].state == ACTIVE),
            returned=sum(1 for key in new.keys() & old.keys() if old[key].state != ACTIVE),
            suspended=sum(1 for key, state in states.items() if state == SUSPENDED != old[key].state),
            retired=sum(1 for key, state in states.items() if state == RETIRED != old[key].state),
        )

    @writing
    def passages_changed(self, connection: Connection, path: str, digests: Collection[str]) -> int:
        """Suspend the cards of a note whose passages are not among `digests` any more, until `sync` remakes them."""
        rows = connection.execute(select(cards.c.id, cards.c.digest).where(self._active, cards.c.path == path))
        changed = [row.id for row in rows if row.digest not in digests]
        self._set_state(connection, SUSPENDED, changed)
        return len(changed)

    @writing
    def keep_notes(self, connection: Connection, paths: Collection[str]) -> int:
        """Retire the cards of all notes that are not among `paths`."""
        there = connection.scalars(select(cards.c.path).where(self._here, cards.c.state != RETIRED).distinct())
        gone = [path for path in there if path not in paths]
        count = 0
        for path in gone:
            changes = update(cards).where(self._here, cards.c.path == path, cards.c.state != RETIRED).values(state=RETIRED)
            count += connection.execute(changes).rowcount
        return count

    @reading
    def get(self, connection: Connection, card_id: str, *, active: bool = False) -> KeptCard | None:
        """A card whatever its state (or only a current one), or None."""
        query = select(cards).where(self._active if active else self._here, cards.c.id == card_id)
        row = connection.execute(query).one_or_none()
        return _card(row) if row else None

    def askable_in(self, connection: Connection, person: str, card_id: str) -> KeptCard | None:
        """The card if it is current and does not rest for the person."""
        rests = and_(schedules.c.card == cards.c.id, schedules.c.person == person, schedules.c.suspended != "")
        query = select(cards).where(self._active, cards.c.id == card_id, ~exists().where(rests))
        row = connection.execute(query).one_or_none()
        return _card(row) if row else None

    @reading
    def state_of(self, connection: Connection, card_id: str) -> str:
        """`active`, `suspended`, `retired`, or nothing for an unknown card."""
        return str(connection.scalar(select(cards.c.state).where(self._here, cards.c.id == card_id)) or "")

    @reading
    def active(
        self, connection: Connection, *, sections: Collection[str] | None = None, path: str = "", limit: int = 0
    ) -> list[KeptCard]:
        """The current cards, in the order of the notes."""
        query = select(cards).where(self._active, *_of(sections), *([cards.c.path == path] if path else []))
        query = query.order_by(cards.c.path, cards.c.start, cards.c.id)
        return [_card(row) for row in connection.execute(query.limit(limit) if limit else query)]

    @reading
    def kin(self, connection: Connection, kind: str, path: str, *, limit: int) -> list[KeptCard]:
        """Current cards of that kind from other notes, those of the nearest notes in the order of paths first on either side."""
        of_kind = select(cards).where(self._active, cards.c.kind == kind)
        after = of_kind.where(cards.c.path > path).order_by(cards.c.path, cards.c.start, cards.c.id)
        before = of_kind.where(cards.c.path < path).order_by(cards.c.path.desc(), cards.c.start, cards.c.id)
        return [_card(row) for side in (after, before) for row in connection.execute(side.limit(limit // 2))]

    @reading
    def ids(self, connection: Connection, *, sections: Collection[str] | None = None) -> list[str]:
        """The ids of the current cards, in the order of the notes."""
        query = select(cards.c.id).where(self._active, *_of(sections)).order_by(cards.c.path, cards.c.start, cards.c.id)
        return list(connection.scalars(query))

    @reading
    def sections(self, connection: Connection) -> tuple[CardSection, ...]:
        """Everything a topic can be, in the order of the notes."""
        columns = (cards.c.section, func.min(cards.c.id).label("one"), func.count().label("number"))
        counted = select(*columns).where(self._active).group_by(cards.c.section).subquery()
        wanted: list[Any] = [*cards.c["path", "title", "heading", "tags", "section"], counted.c.number]
        query = select(*wanted).join(counted, and_(cards.c.id == counted.c.one, self._active))
        query = query.order_by(cards.c.path, cards.c.start)
        return tuple(_section(row) for row in connection.execute(query))

    @reading
    def due(
        self,
        connection: Connection,
        person: str,
        *,
        now: datetime,
        today_ends: datetime,
        sections: Collection[str] | None = None,
        limit: int = 1000,
    ) -> list[str]:
        """Ids of the person's due cards, the longest overdue first: reviews at any hour of their day, steps to the minute."""
        query = select(schedules.c.card).where(self._due(person, now, today_ends), *_of(sections))
        query = query.join(cards, and_(cards.c.id == schedules.c.card, self._active)).order_by(schedules.c.due).limit(limit)
        return list(connection.scalars(query))

    @reading
    def count_due(
        self, connection: Connection, person: str, *, now: datetime, today_ends: datetime, sections: Collection[str] | None = None
    ) -> int:
        query = select(func.count()).select_from(schedules).where(self._due(person, now, today_ends), *_of(sections))
        query = query.join(cards, and_(cards.c.id == schedules.c.card, self._active))
        return int(connection.scalar(query) or 0)

    @reading
    def unseen(self, connection: Connection, person: str, *, sections: Collection[str] | None = None, limit: int) -> list[str]:
        """Ids of cards that the person has no schedule of, in the order of the notes."""
        seen = exists().where(schedules.c.person == person, schedules.c.card == cards.c.id)
        query = select(cards.c.id).where(self._active, ~seen, *_of(sections))
        query = query.order_by(cards.c.path, cards.c.start, cards.c.id).limit(limit)
        return list(connection.scalars(query))

    @reading
    def seen(self, connection: Connection, person: str, *, sections: Collection[str] | None = None, limit: int) -> list[str]:
        """Ids of cards that the person has a schedule of and that do not rest, the next one due first."""
        query = select(schedules.c.card).where(schedules.c.person == person, schedules.c.suspended == "", *_of(sections))
        query = query.join(cards, and_(cards.c.id == schedules.c.card, self._active)).order_by(schedules.c.due).limit(limit)
        return list(connection.scalars(query))

    @reading
    def next_due(self, connection: Connection, person: str, *, sections: Collection[str] | None = None) -> datetime | None:
        """When the person's next card is due."""
        mine = and_(schedules.c.person == person, schedules.c.suspended == "")
        query = select(schedules.c.due).where(mine, *_of(sections)).order_by(schedules.c.due).limit(1)
        query = query.join(cards, and_(cards.c.id == schedules.c.card, self._active))
        return connection.scalar(query)

    @property
    def _here(self) -> ColumnElement[bool]:
        return cards.c.vault == self.vault

    @property
    def _active(self) -> ColumnElement[bool]:
        return and_(cards.c.vault == self.vault, cards.c.state == ACTIVE)

    def _due(self, person: str, now: datetime, today_ends: datetime) -> ColumnElement[bool]:
        until = or_(schedules.c.due <= now, schedules.c.state == REVIEW)
        return and_(schedules.c.person == person, schedules.c.suspended == "", schedules.c.due < max(today_ends, now), until)

    def _put(self, connection: Connection, new: Mapping[str, KeptCard]) -> None:
        """Cards may move from one note to another, so what is there is looked for in the whole vault."""
        there: dict[str, Any] = {}
        for ids in _chunks(list(new)):
            rows = connection.execute(select(cards).where(self._here, cards.c.id.in_(ids)))
            there |= {row.id: dict(row._mapping) for row in rows}
        wanted = [{"vault": self.vault, **_columns(card)} for card in new.values()]
        if fresh := [row for row in wanted if row["id"] not in there]:
            connection.execute(insert(cards), fresh)
        for row in wanted:
            if row["id"] in there and there[row["id"]] != row:
                connection.execute(update(cards).where(self._here, cards.c.id == row["id"]).values(row))

    def _set_state(self, connection: Connection, state: str, ids: Sequence[str]) -> None:
        for some in _chunks(ids):
            connection.execute(update(cards).where(self._here, cards.c.id.in_(some)).values(state=state))


def _fate(row: Row[Any], *, digests: set[str], headings: set[tuple[str, ...]], kinds: Collection[str] | None) -> str:
    if row.state == RETIRED or kinds is None or row.kind in kinds:
        return RETIRED
    if row.digest in digests:
        return str(row.state)
    return SUSPENDED if tuple(row.heading) in headings else RETIRED


def _of(sections: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if sections is None else [cards.c.section.in_(sorted(sections))]


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK))


def _columns(card: KeptCard) -> dict[str, Any]:
    section = blake2b("\n".join((card.path, *card.heading, "", *card.tags)).encode("utf-8", "surrogatepass"), digest_size=8)
    lists = {"heading": list(card.heading), "tags": list(card.tags)}
    return {**asdict(card), **lists, "section": section.hexdigest(), "state": ACTIVE}


def _card(row: Row[Any]) -> KeptCard:
    values = {field.name: getattr(row, field.name) for field in fields(KeptCard)}
    return KeptCard(**{**values, "heading": tuple(row.heading), "tags": tuple(row.tags)})


def _section(row: Row[Any]) -> CardSection:
    heading, tags = tuple(row.heading), tuple(row.tags)
    return CardSection(id=row.section, path=row.path, title=row.title, heading=heading, tags=tags, cards=row.number)
