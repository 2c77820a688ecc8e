"""What a chat has chosen (answer length, language, when the bot speaks), and the change of a chat's id."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from sqlalchemy import Column, Connection, Table, and_, delete, exists, func, literal, or_, select, update

from bot.storage.database import Database, reading, writing
from bot.storage.faults import now, put
from bot.storage.schema import admitted, events, metadata, place_settings, sent
from bot.types import Language, Place

KNOWN_S = 10.0
REMEMBERED = 2000
"""Places in memory."""
Style = Literal["short", "normal", "long"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSettings:
    """`None` where nothing was chosen and the program's settings hold."""

    style: Style | None = None
    everything: bool | None = None
    """Answer every question-like message, not only those addressed to the bot."""
    language: Language | None = None
    reminders: bool | None = None
    """Say when cards are due."""


ALLOWED: Mapping[str, tuple[object, ...]] = {
    "style": ("short", "normal", "long"),
    "everything": (True, False),
    "language": ("zh", "en"),
    "reminders": (True, False),
}


class ChatSettings:
    """The choices of all places."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.database = database
        self._clock = clock
        self._known: dict[str, tuple[PlaceSettings, float]] = {}
        """By the key of the place, and until when that is good."""
        self._changes = 0
        """How often something was chosen here: what was read before that holds no more."""

    async def of(self, place: Place) -> PlaceSettings:
        """The choices of a place; a thread has those of its chat where it has none of its own.

        What another program has just changed is seen `KNOWN_S` later.
        """
        known = self._known.get(place.key)
        if known and known[1] > self._clock():
            return known[0]
        changes, chosen = self._changes, await self._read(place)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        if changes == self._changes:
            self._known[place.key] = (chosen, self._clock() + KNOWN_S)
        return chosen

    def forget(self) -> None:
        """Read everything anew: something was chosen, or moved from one place to another."""
        self._changes += 1
        self._known.clear()

    @reading
    def _read(self, connection: Connection, place: Place) -> PlaceSettings:
        chat = Place(platform=place.platform, chat=place.chat)
        keys = list(dict.fromkeys((chat.key, place.key)))
        query = select(place_settings).where(place_settings.c.place.in_(keys))
        kept = {row.place: row.settings for row in connection.execute(query)}
        chosen: dict[str, Any] = {}
        for key in keys:
            chosen |= _known(kept.get(key, {}))
        return PlaceSettings(**chosen)

    async def change(self, place: Place, **chosen: object) -> PlaceSettings:
        """Set fields of `PlaceSettings` by name, `None` to choose nothing; return what holds in the place now.

        Raises:
            ValueError: there is no such field, or it cannot be this.
        """
        for name, value in chosen.items():
            if name not in ALLOWED or (value is not None and value not in ALLOWED[name]):
                raise ValueError(f"{name} cannot be {value!r}")
        await self._put(place, chosen)
        self.forget()
        return await self.of(place)

    @writing
    def _put(self, connection: Connection, place: Place, chosen: Mapping[str, object]) -> None:
        query = select(place_settings.c.settings).where(place_settings.c.place == place.key)
        own = PlaceSettings(**_known(connection.scalar(query) or {}))
        changed = replace(own, **chosen)  # type: ignore[arg-type]  # checked above
        put(connection, place_settings, {"place": place.key, "settings": asdict(changed), "at": now()})


def _known(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen, without what another version of the program has kept and this one does not know."""
    names = [field.name for field in fields(PlaceSettings)]
    return {name: kept[name] for name in names if kept.get(name) is not None and kept[name] in ALLOWED[name]}


NAMING = ("place", "chat")
"""Columns of this name hold the key of a place, in whichever table; `sent` is not moved, see `move_place`."""


def move_place(connection: Connection, old: Place, new: Place) -> None:
    """Move all that is kept of the chat `old` to `new`, threads included; a new group counts message ids from 1 again.

    Messages in the old chat cannot be edited from the new one, so an answer that was cut off there begins anew.
    """
    before, after = old.key, new.key
    moving = select(events.c.key).where(_named(events.c.place, before))
    connection.execute(delete(sent).where(sent.c.event.in_(moving), sent.c.answer == ""))
    unsent = and_(_named(events.c.place, before), events.c.state == "answering")
    connection.execute(update(events).where(unsent).values(state="open", shown=0))
    for table in metadata.sorted_tables:
        for name in NAMING if table is not sent else ():
            if name in table.c:
                _rename(connection, table, table.c[name], before, after)
    allowed = and_(admitted.c.platform == old.platform, admitted.c.kind == "chat")
    connection.execute(delete(admitted).where(allowed, admitted.c.id == new.chat, _there(admitted, old.chat)))
    connection.execute(update(admitted).where(allowed, admitted.c.id == old.chat).values(id=new.chat))


def _named(column: Column[str], key: str) -> Any:
    return or_(column == key, column.startswith(f"{key}/", autoescape=True))


def _rename(connection: Connection, table: Table, column: Column[str], before: str, after: str) -> None:
    """What was kept wins over what the new chat, seconds old, has gathered under the same key."""
    renamed = literal(after) + func.substr(column, len(before) + 1)
    if column.primary_key:
        others = [key.name for key in table.primary_key if key.name != column.name]
        kept = table.alias()
        same = [kept.c[name] == table.c[name] for name in others]
        again = literal(after) + func.substr(kept.c[column.name], len(before) + 1)
        clash = exists().where(_named(kept.c[column.name], before), again == column, *same)
        connection.execute(delete(table).where(_named(column, after), clash))
    connection.execute(update(table).where(_named(column, before)).values({column.name: renamed}))


def _there(table: Table, id_: str) -> Any:
    kept = table.alias()
    return exists().where(kept.c.platform == table.c.platform, kept.c.kind == table.c.kind, kept.c.id == id_)
