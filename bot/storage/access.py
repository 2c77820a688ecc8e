"""Persons, the access list, pairing codes, and counters per person and period."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import scrypt
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, and_, delete, false, insert, or_, select, update

from bot.storage.cards.schema import group_rounds
from bot.storage.database import Database, reading, writing
from bot.storage.erasures import owe
from bot.storage.events import EventState
from bot.storage.faults import insert_into, now, put
from bot.storage.schema import admitted, erasures, events, metadata, pairings, place_settings, sent, tallies, turns
from bot.types import Person

Kind = Literal["user", "chat", "guild", "channel", "role", "admin"]
"""What an id names; `admin` is a user who may let others in."""
Grant = Literal["admin", "user"]

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0, O, 1 and I: a code is read from one screen and typed on another."""
LENGTH = 8
"""Characters of a code: 32**8 of them, while one person has five tries an hour."""
VALID = timedelta(minutes=15)
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """One entry of the list."""

    platform: str
    kind: Kind
    id: str
    allowed: bool
    """False: kept out, whatever else lets them in."""
    by: str
    at: datetime


class AccessList:
    """Who was let in or kept out by command."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.changes = 0
        """How often this program has changed it: what was read before a change holds no more."""

    async def allow(self, platform: str, kind: Kind, id: str, by: str) -> None:  # noqa: A002
        """Let them in; `by` is the key of the person who says so."""
        await self._allow(platform, kind, id, by)
        self.changes += 1

    async def deny(self, platform: str, kind: Kind, id: str, by: str) -> None:  # noqa: A002
        """Keep them out, even if a chat or a role of theirs is let in; what let them in before does so no more, even later."""
        await self._deny(platform, kind, id, by)
        self.changes += 1

    async def forget(self, platform: str, kind: Kind, id: str) -> None:  # noqa: A002
        """Neither let in nor kept out by this list any more."""
        await self._forget(platform, kind, id)
        self.changes += 1

    @writing
    def _forget(self, connection: Connection, platform: str, kind: Kind, id: str) -> None:  # noqa: A002
        entry = and_(admitted.c.platform == platform, admitted.c.kind == kind, admitted.c.id == id)
        connection.execute(delete(admitted).where(entry))

    @reading
    def listed(self, connection: Connection, platform: str = "") -> tuple[Admitted, ...]:
        """The whole list, oldest first; of one platform, if one is named."""
        query = select(admitted).order_by(admitted.c.at)
        if platform:
            query = query.where(admitted.c.platform == platform)
        rows = connection.execute(query).mappings().all()
        return tuple(Admitted(**row) for row in rows)

    @reading
    def verdicts(self, connection: Connection, platform: str, asked: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], bool]:
        """What the list says of these ids; those it does not know are left out."""
        these = or_(false(), *(and_(admitted.c.kind == kind, admitted.c.id == id_) for kind, id_ in asked if id_))
        query = select(admitted.c.kind, admitted.c.id, admitted.c.allowed).where(admitted.c.platform == platform, these)
        return {(row.kind, row.id): row.allowed for row in connection.execute(query)}

    @writing
    def _deny(self, connection: Connection, platform: str, kind: Kind, id_: str, by: str) -> None:
        if kind == "user":
            was_admin = and_(admitted.c.platform == platform, admitted.c.kind == "admin", admitted.c.id == id_)
            connection.execute(delete(admitted).where(was_admin))
            connection.execute(delete(pairings).where(pairings.c.used_by == Person(platform=platform, id=id_).key))
        _put_entry(connection, platform, kind, id_, by, allowed=False)

    @writing
    def _allow(self, connection: Connection, platform: str, kind: Kind, id_: str, by: str) -> None:
        _put_entry(connection, platform, kind, id_, by, allowed=True)


def _put_entry(connection: Connection, platform: str, kind: Kind, id_: str, by: str, *, allowed: bool) -> None:
    row = {"platform": platform, "kind": kind, "id": id_, "allowed": allowed, "by": by, "at": now()}
    put(connection, admitted, row)


class Paired(StrEnum):
    """What came of a code."""

    YES = "yes"
    NO = "no"
    """Wrong, used before, or too old: which of them is not told."""
    LOCKED = "locked"
    """Too many wrong ones; no code is looked at for the rest of the hour."""


class Pairing:
    """Codes that let one person in. Kept hashed, valid for 15 minutes, used once."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self.database = database
        self._clock = clock
        self._tallies = Tallies(database, clock=clock)

    async def make(self, grants: Grant = "admin") -> str:
        """A new code; those that are no longer valid are forgotten."""
        while not is_mixed(code := "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))):
            continue
        salt = secrets.token_hex(8)
        row = {"salt": salt, "hash": await _hashed(code, salt), "grants": grants, "until": self._clock() + VALID, "used_by": ""}
        await self._keep(row)
        return code

    async def use(self, code: str, person: Person) -> Paired:
        """Let `person` in if the code is good, which it is for one person only.

        Every try is counted before the code is looked at, so that many at once are no way around the limit.
        """
        hour = self._clock().strftime("%Y-%m-%dT%H")
        until = self._clock() + timedelta(hours=1)
        if await self._tallies.count("pairing", person.key, hour, until=until) > TRIES:
            return Paired.LOCKED
        return Paired.YES if await self._claim(_plain(code), person) else Paired.NO

    async def _claim(self, code: str, person: Person) -> bool:
        for row in await self._live():
            if secrets.compare_digest(row.hash, await _hashed(code, row.salt)):
                return await self._take(row.id, row.grants, person)
        return False

    @writing
    def _keep(self, connection: Connection, row: Mapping[str, object]) -> None:
        connection.execute(delete(pairings).where(pairings.c.until < self._clock()))
        connection.execute(insert(pairings).values(row))

    @reading
    def _live(self, connection: Connection) -> Sequence[Row[Any]]:
        live = and_(pairings.c.until >= self._clock(), pairings.c.used_by == "")
        return connection.execute(select(pairings).where(live)).all()

    @writing
    def _take(self, connection: Connection, pairing: int, grants: str, person: Person) -> bool:
        """False when somebody else was quicker, or the person is kept out, whom no code lets in."""
        them = and_(admitted.c.platform == person.platform, admitted.c.kind == "user", admitted.c.id == person.id)
        if connection.scalar(select(admitted.c.allowed).where(them)) is False:
            return False
        free = and_(pairings.c.id == pairing, pairings.c.used_by == "")
        if not connection.execute(update(pairings).where(free).values(used_by=person.key)).rowcount:
            return False
        kind: Kind = "admin" if grants == "admin" else "user"
        _put_entry(connection, person.platform, kind, person.id, "pairing", allowed=True)
        return True


def is_mixed(code: str) -> bool:
    """Codes hold a letter and a digit: no word of any language, and no number, is one."""
    return any(letter.isalpha() for letter in code) and any(letter.isdecimal() for letter in code)


def _plain(code: str) -> str:
    """As it was made: people type it in groups and in small letters."""
    return "".join(letter for letter in code.upper() if letter in ALPHABET)


async def _hashed(code: str, salt: str) -> str:
    """Slow on purpose (50 ms): 40 bits are soon guessed from a copy of the database otherwise."""
    digest = await asyncio.to_thread(scrypt, code.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32)
    return digest.hex()


class Tallies:
    """Counts by what, who and period; a period is any text that names it."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self.database = database
        self._clock = clock

    @writing
    def count(self, connection: Connection, what: str, who: str, period: str, *, until: datetime) -> int:
        """Count one more and return how many there are now; from `until` on, the count may be forgotten."""
        row = {"what": what, "who": who, "period": period, "count": 1, "until": until}
        insert = insert_into(connection, tallies).values(row)
        more = insert.on_conflict_do_update(index_elements=["what", "who", "period"], set_={"count": tallies.c.count + 1})
        return int(connection.scalar(more.returning(tallies.c.count)) or 0)

    @reading
    def read(self, connection: Connection, what: str, who: str, period: str) -> int:
        """How many were counted."""
        query = select(tallies.c.count).where(tallies.c.what == what, tallies.c.who == who, tallies.c.period == period)
        return int(connection.scalar(query) or 0)

    @writing
    def prune(self, connection: Connection) -> None:
        """Forget the counts of periods that are over."""
        connection.execute(delete(tallies).where(tallies.c.until < self._clock()))


KEPT_APART = frozenset({"turns", "memory_turns", "memory_items", "memory_item_turns", "memory_summaries", "quotes"})
"""Memory hands these over itself, each thing only where it may be told."""


class Persons:
    """What is stored about people, over all tables: a table with a column `person` is theirs, whatever it is for."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reading
    def rows(self, connection: Connection, person: Person) -> dict[str, list[dict[str, Any]]]:
        """All rows besides turns and what was made of them, by table: cards, reviews, thumbs, choices, counts."""
        found: dict[str, list[dict[str, Any]]] = {}
        for table, condition in _theirs(person):
            rows = connection.execute(select(table).where(condition)).mappings().all() if table.name not in KEPT_APART else ()
            if rows:
                found[table.name] = [{name: value for name, value in row.items() if name != "person"} for row in rows]
        return found

    async def delete(self, person: Person, chats: Iterable[str] = ()) -> None:
        """Leave no row that names the person or their private `chats`, but one that keeps them out.

        What the owner decided (who is barred) stays, and so does the number of every event, which keeps it from being
        answered twice; they say nothing of the person but that.
        """
        await self._delete(person, frozenset({person.key, *chats}))

    @writing
    def _delete(self, connection: Connection, person: Person, chats: frozenset[str]) -> None:
        private = and_(turns.c.person == person.key, turns.c.private)
        homes = chats | set(connection.scalars(select(turns.c.chat).where(private)).all())
        for table, column, nobody in ((group_rounds, "person", ""), (admitted, "by", ""), (pairings, "used_by", "-")):
            connection.execute(update(table).where(table.c[column] == person.key).values({column: nobody}))
        for table, condition in _theirs(person):
            connection.execute(delete(table).where(condition))
        done = {"place": "", "chat": "", "message": "", "payload": {}, "state": EventState.DONE}
        connection.execute(update(events).where(events.c.chat.in_(homes)).values(done))
        connection.execute(delete(sent).where(sent.c.chat.in_(homes)))
        connection.execute(delete(place_settings).where(_within(place_settings.c.place, homes)))
        connection.execute(update(erasures).where(_within(erasures.c.place, homes)).values(place=""))
        owe(connection)


def _within(column: Column[str], chats: frozenset[str]) -> ColumnElement[bool]:
    """A place that is one of these chats, or a thread of one."""
    return or_(column.in_(chats), *(column.startswith(f"{chat}/", autoescape=True) for chat in chats))


def _theirs(person: Person) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Tables and their rows, those that hang on others first."""
    for table in reversed(metadata.sorted_tables):
        if table is tallies:
            yield table, table.c.who == person.key
        elif table is admitted:
            them = and_(table.c.platform == person.platform, table.c.id == person.id, table.c.kind.in_(("user", "admin")))
            yield table, and_(them, table.c.allowed)
        elif "person" in table.c and table is not group_rounds:
            yield table, table.c.person == person.key
