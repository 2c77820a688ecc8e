"""Turns as memory sees them: those it has to take note of, the keys of their words, and their texts; the queries for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from bot.storage.database import Database, reading, writing
from bot.storage.memories.facts import item_of, visible
from bot.storage.memories.types import Audience, Item, QuotedWords, TurnOrigin, TurnWithText, WordsOfTurn, said_of, seconds_of
from bot.storage.schema import (
    citations,
    feedback,
    memory_items,
    memory_off,
    memory_places,
    memory_summaries,
    memory_turns,
    quotes,
    turns,
)

NEW, NOTED, LEFT_OUT = 0, 1, 2


READ = [turns.c[name] for name in "id answer_id place chat private person name asked answered state at".split()]
DISLIKED = (
    exists()
    .where(feedback.c.answer_id == turns.c.answer_id, feedback.c.person == turns.c.person, feedback.c.good.is_(False))
    .label("disliked")
)
WORDS = [memory_turns.c[name] for name in "turn chat private person name at asked answered".split()]
QUOTED = [quotes.c.turn, quotes.c.text, turns.c.person, turns.c.chat, turns.c.private]
HERE, GROUP = memory_turns.c.chat == bindparam("chat"), memory_turns.c.private.is_(False)
NEWEST = (
    select(*WORDS).where(memory_turns.c.turn > bindparam("after")).order_by(memory_turns.c.turn.desc()).limit(bindparam("limit"))
)
OF_GROUP = NEWEST.where(HERE, GROUP)
OF_PERSON = NEWEST.where(memory_turns.c.person == bindparam("person"), or_(HERE, GROUP))
BY_ID = select(*READ, DISLIKED).where(turns.c.id.in_(bindparam("ids", expanding=True)))
"""Asked with every question: building them takes as long as running them."""


class NotedTurns:
    """The archive: every turn, by place and by person."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def new(self, limit: int) -> tuple[TurnWithText, ...]:
        """Turns that memory has not seen, oldest first."""
        return await self._read(turns.c.noted == NEW, limit)

    async def by_id(self, ids: Iterable[int]) -> tuple[TurnWithText, ...]:
        return await self._read(turns.c.id.in_(list(ids)))

    async def to_summarise(self, place: str, limit: int) -> tuple[TurnWithText, ...]:
        """Noted turns of a place that are part of no frame, oldest first."""
        alone = select(memory_turns.c.turn).where(memory_turns.c.place == place, memory_turns.c.frame.is_(None))
        return await self._read(turns.c.id.in_(alone.order_by(memory_turns.c.turn).limit(limit)))

    async def of_person(self, person: str, *, chat: str = "") -> tuple[TurnWithText, ...]:
        """All that a person said, or what they said in one chat."""
        return await self._read(and_(turns.c.person == person, turns.c.chat == chat) if chat else turns.c.person == person)

    async def newest(self, person: str, place: str) -> TurnWithText | None:
        ids = select(func.max(turns.c.id)).where(turns.c.person == person, turns.c.place == place)
        found = await self._read(turns.c.id == ids.scalar_subquery())
        return found[0] if found else None

    async def by_answer(self, answer_id: str) -> TurnWithText | None:
        found = await self._read(turns.c.answer_id == answer_id)
        return found[0] if found else None

    @reading
    def quoting(self, connection: Connection, person: str, *, chat: str = "") -> tuple[QuotedWords, ...]:
        """A person's words in other people's questions: in one chat, or in all."""
        query = select(*QUOTED).join(turns).where(quotes.c.person == person, or_(literal(not chat), turns.c.chat == chat))
        return tuple(QuotedWords(turn=row.turn, text=row.text, said=said_of(row._mapping)) for row in connection.execute(query))

    @writing
    def leave_out(self, connection: Connection, answer_id: str) -> None:
        """Memory is not to look at this turn."""
        connection.execute(update(turns).where(turns.c.answer_id == answer_id).values(noted=LEFT_OUT))

    @reading
    def _read(self, connection: Connection, condition: ColumnElement[bool], limit: int | None = None) -> tuple[TurnWithText, ...]:
        query: Select[Any] = select(*READ, DISLIKED, turns.c.receipt).where(condition).order_by(turns.c.id).limit(limit)
        rows = connection.execute(query).mappings().all()
        headings = _topics(connection, [row["id"] for row in rows])
        return tuple(_turn(row, headings[row["id"]]) for row in rows)


def texts(connection: Connection, ids: Sequence[int]) -> tuple[TurnWithText, ...]:
    """Turns without their topics."""
    if not ids:
        return ()
    rows = connection.execute(BY_ID, {"ids": list(ids)}).mappings().all()
    return tuple(_turn(row, ()) for row in rows)


def words_of_group(connection: Connection, chat: str, *, after: int, limit: int) -> tuple[WordsOfTurn, ...]:
    """The newest noted turns of a group's chat with a higher id than `after`, oldest first."""
    return _words(connection, OF_GROUP, {"chat": chat, "after": after, "limit": limit})


def words_of_person(connection: Connection, person: str, chat: str, *, after: int, limit: int) -> tuple[WordsOfTurn, ...]:
    """The same for what a person said in their private `chat` and in any group."""
    return _words(connection, OF_PERSON, {"person": person, "chat": chat, "after": after, "limit": limit})


def _words(connection: Connection, query: Select[Any], values: dict[str, object]) -> tuple[WordsOfTurn, ...]:
    """Thousands of rows are read at once: each is taken apart as a tuple, and shares its `TurnOrigin` with others like it."""
    known: dict[tuple[str, str, bool], TurnOrigin] = {}
    found = []
    for turn, chat, private, person, name, at, asked, answered in reversed(connection.execute(query, values).all()):
        where = (person, chat, private)
        said = known.get(where) or known.setdefault(where, TurnOrigin(person=person, chat=chat, private=private))
        found.append(WordsOfTurn._make((turn, said, name, at, asked, answered)))
    return tuple(found)


def mark_noted(connection: Connection, turn: TurnWithText, *, asked: bytes, answered: bytes) -> bool:
    """Put a turn's words into the archive; False when that was done before, or the turn is gone."""
    fresh = and_(turns.c.id == turn.id, turns.c.answer_id == turn.answer_id, turns.c.noted == NEW)
    if not connection.execute(update(turns).where(fresh).values(noted=NOTED)).rowcount:
        return False
    values = {name: getattr(turn, name) for name in ("place", "chat", "private", "person", "name", "at")}
    connection.execute(insert(memory_turns).values(turn=turn.id, asked=asked, answered=answered, **values))
    return True


def _topics(connection: Connection, ids: Sequence[int]) -> defaultdict[int, tuple[str, ...]]:
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    if ids:
        query = select(citations.c.turn, citations.c.title, citations.c.heading).where(citations.c.turn.in_(ids))
        for turn, title, heading in connection.execute(query.order_by(citations.c.turn, citations.c.n)):
            topic = heading[-1] if heading else title
            found[turn] = (*found[turn], *((topic,) if topic not in found[turn] else ()))
    return found


def _turn(row: Any, topics: tuple[str, ...]) -> TurnWithText:
    values = {**row, "at": seconds_of(row["at"])}
    searched = (values.pop("receipt", None) or {}).get("searched", "")
    return TurnWithText(**values, topics=topics, leaned=bool(searched) and searched != row["asked"])


EVERYWHERE = ""


class MemoryPreferences:
    """Resets, and the wish not to be remembered."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reading
    def off(self, connection: Connection, person: str) -> frozenset[str]:
        """The chats where a person wants nothing remembered; `EVERYWHERE` means all of them."""
        return frozenset(connection.scalars(select(memory_off.c.chat).where(memory_off.c.person == person)).all())

    @writing
    def switch(self, connection: Connection, spot: Audience, *, on: bool) -> None:
        """Said in a group, it holds for that group; said in private, everywhere."""
        where = memory_off.c.person == spot.person
        chat = EVERYWHERE if spot.private else spot.chat
        connection.execute(delete(memory_off).where(where if spot.private else where & (memory_off.c.chat == chat)))
        if not on:
            connection.execute(insert(memory_off).values(person=spot.person, chat=chat))

    @writing
    def reset(self, connection: Connection, spot: Audience, *, at: float) -> None:
        """What was said before `at` is no longer part of the place's window."""
        put_place(connection, spot, window_from=at)

    @writing
    def clear(self, connection: Connection, spot: Audience, *, at: float) -> None:
        """Nothing that was said here is memory of this place any more; those who said it keep it for their private chats."""
        here = memory_turns.c.place == spot.place
        put_place(connection, spot, text="", made_of=[], at=at, window_from=at)
        connection.execute(update(memory_turns).where(here).values(place="", chat="", frame=None))
        connection.execute(delete(memory_summaries).where(memory_summaries.c.place == spot.place))


def put_place(connection: Connection, spot: Audience, **values: object) -> None:
    """Set values of a place, whose row is made if need be."""
    changed = connection.execute(update(memory_places).where(memory_places.c.place == spot.place).values(**values))
    if not changed.rowcount:
        fresh = {"text": "", "made_of": [], "at": 0.0, "window_from": 0.0}
        scope = {"place": spot.place, "chat": spot.chat, "private": spot.private, "person": spot.owner}
        connection.execute(insert(memory_places).values(**fresh | values | scope))


ITEM = [column.label(f"item_{column.name}") for column in memory_items.c]


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What memory has at a place for a person."""

    off: bool = False
    """The person wants nothing remembered here."""
    items: tuple[Item, ...] = ()
    text: str = ""
    """What the place's summaries come to."""
    made_of: tuple[int, ...] = ()
    at: float = 0.0
    """Up to when."""


def read_here(connection: Connection, spot: Audience) -> Here:
    """What is set and known at a place; somebody else's private summary is not read. Items come without their turns.

    One statement: every question waits for it.
    """
    values = {"person": spot.person, "place": spot.place, "chat": spot.chat, "owner": spot.owner}
    rows = connection.execute(_query(spot.private), values).mappings().all()
    first = rows[0]
    if first["off"]:
        return Here(off=True)
    items = tuple(_item(row) for row in rows if row["item_id"] is not None)
    return Here(items=items, text=first["text"] or "", made_of=tuple(first["made_of"] or ()), at=first["at"] or 0.0)


@cache
def _query(private: bool) -> Select[Any]:
    """Built once: that takes as long as running it."""
    person: BindParameter[str] = bindparam("person")
    chat: BindParameter[str] = bindparam("chat")
    place = and_(memory_places.c.place == bindparam("place"), memory_places.c.chat == chat)
    whose = and_(memory_places.c.private.is_(private), memory_places.c.person == bindparam("owner"))
    off = exists().where(memory_off.c.person == person, or_(memory_off.c.chat == "", memory_off.c.chat == chat))
    always = select(off.label("off")).subquery()
    query = select(always.c.off, memory_places.c.text, memory_places.c.made_of, memory_places.c.at, *ITEM)
    tables = always.outerjoin(memory_places, and_(place, whose)).outerjoin(memory_items, visible(person, chat, private=private))
    return query.select_from(tables).order_by(memory_items.c.id)


def _item(row: RowMapping) -> Item:
    return item_of({column.name: row[f"item_{column.name}"] for column in memory_items.c})
