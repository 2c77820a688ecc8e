"""The cards of each note go in; the current set comes out. What is no longer made is put aside, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, insert, or_, select, update

from bot.state.cards.tables import cards, schedules
from bot.state.database import Database
from knowledge.types import Passage

REVIEW = 2
"""FSRS's number for a card that has left its learning steps."""
ACTIVE, SUSPENDED, RETIRED = "active", "suspended", "retired"
CHUNK = 500
"""Ids in one query: SQLite takes 32,766 variables, asyncpg 32,767."""

Values = Mapping[str, Any]
"""A card as `dataclasses.asdict` gives it: id, prompt, answer, kind, path, title, heading, lines, start, end, passage, digest,
tags, group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a note's new cards changed."""

    added: int = 0
    kept: int = 0
    suspended: int = 0
    retired: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
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

    async def sync(
        self, path: str, made: Sequence[Values], passages: Sequence[Passage] = (), *, kinds: Collection[str] | None = None
    ) -> Synced:
        """Make `made` the current cards of the note at `path`, which has these `passages` now.

        `kinds` are the kinds of card that this run makes (all when not given). A card that was not made again is retired when
        its kind was made, or when its passage is gone together with its heading; it is suspended when its passage changed and
        its kind is still to be made; else it stays.
        """
        new = {str(values["id"]): values for values in made}
        digests, headings = {passage.digest for passage in passages}, {passage.heading for passage in passages}
        async with self.database.writing() as connection:
            old = {row.id: row for row in await connection.execute(select(cards).where(self._here, cards.c.path == path))}
            left = {id: row for id, row in old.items() if id not in new}
            states = {id: _fate(row, digests=digests, headings=headings, kinds=kinds) for id, row in left.items()}
            await self._put(connection, new)
            for state in (SUSPENDED, RETIRED):
                await self._set_state(connection, state, [i for i, wanted in states.items() if wanted == state != old[i].state])
        return Synced(
            added=len(new.keys() - old.keys()),
            kept=sum(1 for id in new.keys() & old.keys() if old[id].state == ACTIVE),
            returned=sum(1 for id in new.keys() & old.keys() if old[id].state != ACTIVE),
            suspended=sum(1 for id, state in states.items() if state == SUSPENDED != old[id].state),
            retired=sum(1 for id, state in states.items() if state == RETIRED != old[id].state),
        )

    async def passages_changed(self, path: str, digests: Collection[str]) -> int:
        """Suspend the cards of a note whose passages are not among `digests` any more, until `sync` remakes them."""
        async with self.database.writing() as connection:
            rows = await connection.execute(select(cards.c.id, cards.c.digest).where(self._active, cards.c.path == path))
            changed = [row.id for row in rows if row.digest not in digests]
            await self._set_state(connection, SUSPENDED, changed)
        return len(changed)

    async def keep_notes(self, paths: Collection[str]) -> int:
        """Retire the cards of all notes that are not among `paths`."""
        async with self.database.writing() as connection:
            there = await connection.scalars(select(cards.c.path).where(self._here, cards.c.state != RETIRED).distinct())
            gone = [path for path in there if path not in paths]
            count = 0
            for path in gone:
                changes = update(cards).where(self._here, cards.c.path == path, cards.c.state != RETIRED).values(state=RETIRED)
                count += (await connection.execute(changes)).rowcount
        return count

    async def get(self, id: str) -> dict[str, Any] | None:
        """A card whatever its state, or None."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(cards).where(self._here, cards.c.id == id))).one_or_none()
        return _values(row) if row else None

    async def state_of(self, id: str) -> str:
        """`active`, `suspended`, `retired`, or nothing for an unknown card."""
        async with self.database.reading() as connection:
            return str(await connection.scalar(select(cards.c.state).where(self._here, cards.c.id == id)) or "")

    async def active(self, *, sections: Collection[str] | None = None, path: str = "", limit: int = 0) -> list[dict[str, Any]]:
        """The current cards, in the order of the notes."""
        query = select(cards).where(self._active, *_of(sections), *([cards.c.path == path] if path else []))
        query = query.order_by(cards.c.path, cards.c.start, cards.c.id)
        async with self.database.reading() as connection:
            return [_values(row) for row in await connection.execute(query.limit(limit) if limit else query)]

    async def ids(self, *, sections: Collection[str] | None = None) -> list[str]:
        """The ids of the current cards, in the order of the notes."""
        query = select(cards.c.id).where(self._active, *_of(sections)).order_by(cards.c.path, cards.c.start, cards.c.id)
        async with self.database.reading() as connection:
            return list(await connection.scalars(query))

    async def sections(self) -> tuple[Section, ...]:
        """Everything a topic can be, in the order of the notes."""
        columns = (cards.c.section, func.min(cards.c.id).label("one"), func.count().label("number"))
        counted = select(*columns).where(self._active).group_by(cards.c.section).subquery()
        query = select(cards.c["path", "title", "heading", "tags", "section"], counted.c.number)
        query = query.join(counted, and_(cards.c.id == counted.c.one, self._active)).order_by(cards.c.path, cards.c.start)
        async with self.database.reading() as connection:
            return tuple(_section(row) for row in await connection.execute(query))

    async def due(
        self, person: str, *, now: datetime, today_ends: datetime, sections: Collection[str] | None = None, limit: int = 1000
    ) -> list[str]:
        """Ids of the person's due cards, the longest overdue first: reviews of today at any hour, learning steps to the minute."""
        query = select(schedules.c.card).where(self._due(person, now, today_ends), *_of(sections))
        query = query.join(cards, and_(cards.c.id == schedules.c.card, self._active)).order_by(schedules.c.due).limit(limit)
        async with self.database.reading() as connection:
            return list(await connection.scalars(query))

    async def count_due(
        self, person: str, *, now: datetime, today_ends: datetime, sections: Collection[str] | None = None
    ) -> int:
        query = select(func.count()).select_from(schedules).where(self._due(person, now, today_ends), *_of(sections))
        query = query.join(cards, and_(cards.c.id == schedules.c.card, self._active))
        async with self.database.reading() as connection:
            return int(await connection.scalar(query) or 0)

    async def unseen(self, person: str, *, sections: Collection[str] | None = None, limit: int) -> list[str]:
        """Ids of cards that the person has no schedule of, in the order of the notes."""
        seen = exists().where(schedules.c.person == person, schedules.c.card == cards.c.id)
        query = select(cards.c.id).where(self._active, ~seen, *_of(sections))
        query = query.order_by(cards.c.path, cards.c.start, cards.c.id).limit(limit)
        async with self.database.reading() as connection:
            return list(await connection.scalars(query))

    async def next_due(self, person: str, *, sections: Collection[str] | None = None) -> datetime | None:
        """When the person's next card is due."""
        mine = and_(schedules.c.person == person, schedules.c.suspended == "")
        query = select(schedules.c.due).where(mine, *_of(sections)).order_by(schedules.c.due).limit(1)
        query = query.join(cards, and_(cards.c.id == schedules.c.card, self._active))
        async with self.database.reading() as connection:
            return await connection.scalar(query)

    @property
    def _here(self) -> ColumnElement[bool]:
        return cards.c.vault == self.vault

    @property
    def _active(self) -> ColumnElement[bool]:
        return and_(cards.c.vault == self.vault, cards.c.state == ACTIVE)

    def _due(self, person: str, now: datetime, today_ends: datetime) -> ColumnElement[bool]:
        until = or_(schedules.c.due <= now, schedules.c.state == REVIEW)
        return and_(schedules.c.person == person, schedules.c.suspended == "", schedules.c.due < max(today_ends, now), until)

    async def _put(self, connection: Any, new: Mapping[str, Values]) -> None:
        """Cards may move from one note to another, so what is there is looked for in the whole vault."""
        there = set()
        for ids in _chunks(list(new)):
            there |= set(await connection.scalars(select(cards.c.id).where(self._here, cards.c.id.in_(ids))))
        rows = [{"vault": self.vault, **_columns(values)} for values in new.values()]
        if fresh := [row for row in rows if row["id"] not in there]:
            await connection.execute(insert(cards), fresh)
        for row in rows:
            if row["id"] in there:
                await connection.execute(update(cards).where(self._here, cards.c.id == row["id"]).values(row))

    async def _set_state(self, connection: Any, state: str, ids: Sequence[str]) -> None:
        for some in _chunks(ids):
            await connection.execute(update(cards).where(self._here, cards.c.id.in_(some)).values(state=state))


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


def _columns(values: Values) -> dict[str, Any]:
    kept = {name: values[name] for name in ("id", "path", "title", "prompt", "answer", "kind", "passage", "digest", "start")}
    (first, last), heading, tags = values["lines"], list(values["heading"]), list(values["tags"])
    return {
        **kept,
        "heading": heading,
        "first_line": first,
        "last_line": last,
        "stop": values["end"],
        "tags": tags,
        "siblings": values["group"],
        "section": blake2b("\n".join((values["path"], *heading, "", *tags)).encode(), digest_size=8).hexdigest(),
        "state": ACTIVE,
    }


def _values(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "path", "title", "prompt", "answer", "kind", "passage", "digest", "start")
    return {
        **{name: getattr(row, name) for name in names},
        "heading": tuple(row.heading),
        "lines": (row.first_line, row.last_line),
        "end": row.stop,
        "tags": tuple(row.tags),
        "group": row.siblings,
    }


def _section(row: Row[Any]) -> Section:
    heading, tags = tuple(row.heading), tuple(row.tags)
    return Section(id=row.section, path=row.path, title=row.title, heading=heading, tags=tags, cards=row.number)
