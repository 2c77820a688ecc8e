"""What people said of themselves: taken in one by one, replaced by what is newer, listed, deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, RowMapping, and_, delete, func, insert, or_, select, update

from bot.storage.database import Database, reading, writing
from bot.storage.memories.types import Item, NewItem, said_of
from bot.storage.schema import memory_item_turns, memory_items

SOURCES = 20
"""The most source turns that an item keeps; the newest stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of a new item: it says again what `repeats` says, takes the place of `replaces`, or is `history` of that."""

    repeats: int = 0
    replaces: tuple[int, ...] = ()
    history: int = 0


Text = str | BindParameter[str]
Decide = Callable[[Sequence[Item], NewItem], Fate]


class Items:
    """What is remembered of each person, chat by chat."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writing
    def take_in(self, connection: Connection, new: Sequence[NewItem], decide: Decide, *, most: int) -> tuple[int, ...]:
        """Keep new items; return the ids they are kept under."""
        return take_in(connection, new, decide, most=most)

    @reading
    def visible(
        self, connection: Connection, person: str, chat: str, *, private: bool, history: bool = False
    ) -> tuple[Item, ...]:
        """What a person said in `chat`; in their private chat, what they said in any group too."""
        return read_items(connection, visible(person, chat, private=private, history=history))

    @reading
    def by_id(self, connection: Connection, item: int) -> Item | None:
        found = read_items(connection, memory_items.c.id == item)
        return found[0] if found else None

    @writing
    def withdraw(self, connection: Connection, kind: str, turn: int) -> None:
        """Take back what a turn bore out of one kind: an item that rests on others as well has come up once less."""
        linked = select(memory_item_turns.c.item).where(memory_item_turns.c.turn == turn)
        items = read_items(connection, and_(memory_items.c.kind == kind, memory_items.c.id.in_(linked)), sources=False)
        delete_items(connection, [item.id for item in items if item.times == 1])
        for item in items:
            less = update(memory_items).where(memory_items.c.id == item.id).values(times=memory_items.c.times - 1)
            connection.execute(less)
            link = and_(memory_item_turns.c.item == item.id, memory_item_turns.c.turn == turn)
            connection.execute(delete(memory_item_turns).where(link))

    @writing
    def delete(self, connection: Connection, ids: Iterable[int]) -> None:
        delete_items(connection, ids)


def take_in(connection: Connection, new: Sequence[NewItem], decide: Decide, *, most: int) -> tuple[int, ...]:
    """The same within a transaction of the caller's."""
    kept = []
    for item in new:
        theirs = and_(memory_items.c.person == item.said.person, memory_items.c.chat == item.said.chat)
        there = read_items(connection, and_(theirs, memory_items.c.private == item.said.private), sources=False)
        current = [other for other in there if other.replaced_at is None]
        kept.append(_put(connection, item, decide(current, item)))
        if len(there) >= most:
            delete_items(connection, [other.id for other in _weakest(there, len(there) + 1 - most) if other.id != kept[-1]])
    return tuple(kept)


def _put(connection: Connection, item: NewItem, fate: Fate) -> int:
    if fate.repeats:
        same = memory_items.c.id == fate.repeats
        newer = (
            func.max(memory_items.c.at, item.at)
            if connection.dialect.name == "sqlite"
            else func.greatest(memory_items.c.at, item.at)
        )
        connection.execute(update(memory_items).where(same).values(times=memory_items.c.times + 1, at=newer))
        _link(connection, fate.repeats, item.turns)
        return fate.repeats
    values = {"kind": item.kind, "about": item.about, "text": item.text, "at": item.at, "times": 1}
    scope = {"person": item.said.person, "chat": item.said.chat, "private": item.said.private}
    past = {"replaced_by": fate.history, "replaced_at": item.at} if fate.history else {}
    result = connection.execute(insert(memory_items).values(**values, **scope, **past))
    made = int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0
    if item.turns:
        connection.execute(insert(memory_item_turns), [{"item": made, "turn": turn} for turn in item.turns])
    if fate.replaces:
        old = memory_items.c.id.in_(fate.replaces)
        connection.execute(update(memory_items).where(old).values(replaced_by=made, replaced_at=item.at))
    return made


def _link(connection: Connection, item: int, sources: Sequence[int]) -> None:
    if not sources:
        return
    query = select(memory_item_turns.c.turn).where(memory_item_turns.c.item == item).order_by(memory_item_turns.c.turn)
    there = list(connection.scalars(query).all())
    fresh = [turn for turn in sources if turn not in there]
    if fresh:
        connection.execute(insert(memory_item_turns), [{"item": item, "turn": turn} for turn in fresh])
    surplus = there[: max(0, len(there) + len(fresh) - SOURCES)]
    if surplus:
        old = and_(memory_item_turns.c.item == item, memory_item_turns.c.turn.in_(surplus))
        connection.execute(delete(memory_item_turns).where(old))


def delete_items(connection: Connection, ids: Iterable[int]) -> int:
    """Delete items and the history that they replaced; return how many."""
    doomed: set[int] = set()
    more = set(ids)
    while more:
        doomed |= more
        older = select(memory_items.c.id).where(memory_items.c.replaced_by.in_(more))
        more = set(connection.scalars(older).all()) - doomed
    if doomed:
        connection.execute(delete(memory_items).where(memory_items.c.id.in_(doomed)))
    return len(doomed)


def _weakest(items: Sequence[Item], count: int) -> list[Item]:
    """History goes first, then topics, then what came up least and longest ago; what was asked to be remembered goes last."""
    kinds = {"topic": 0, "hard": 1, "told": 3}
    return sorted(items, key=lambda i: (i.replaced_at is None, kinds.get(i.kind, 2), i.times, i.at))[:count]


def visible(person: Text, chat: Text, *, private: bool, history: bool = False) -> ColumnElement[bool]:
    """What a person said in `chat`; in their private chat, what they said in any group too."""
    here, group = memory_items.c.chat == chat, memory_items.c.private.is_(False)
    where = and_(memory_items.c.person == person, or_(here, group) if private else and_(here, group))
    return where if history else and_(where, memory_items.c.replaced_at.is_(None))


def read_items(connection: Connection, condition: ColumnElement[bool], *, sources: bool = True) -> tuple[Item, ...]:
    """Items, oldest first, with the turns they come from or without."""
    rows = connection.execute(select(memory_items).where(condition).order_by(memory_items.c.id)).mappings().all()
    of_items: defaultdict[int, list[int]] = defaultdict(list)
    if rows and sources:
        links = select(memory_item_turns).where(memory_item_turns.c.item.in_([row["id"] for row in rows]))
        for item, turn in connection.execute(links.order_by(memory_item_turns.c.turn)):
            of_items[item].append(turn)
    return tuple(item_of(row, tuple(of_items[row["id"]])) for row in rows)


def item_of(row: Mapping[str, Any] | RowMapping, sources: tuple[int, ...] = ()) -> Item:
    """An item from the columns of its row."""
    same = ("id", "kind", "about", "text", "at", "times", "replaced_at")
    return Item(**{name: row[name] for name in same}, said=said_of(row), turns=sources)
