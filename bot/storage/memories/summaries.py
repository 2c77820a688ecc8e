"""Summaries of a place: frames of turns, summaries of frames, and the one text they come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from bot.storage.database import Database, reading, writing
from bot.storage.memories.turns import put_place
from bot.storage.memories.types import Audience, Summary, TurnWithText
from bot.storage.schema import memory_places, memory_summaries, memory_turns


class Summaries:
    """A frame is stored in one transaction with the mark on its turns: none is in two frames, whatever is killed when."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reading
    def places_due(self, connection: Connection, turns: int) -> tuple[str, ...]:
        """Places with so many turns in no frame, and places where a frame was deleted around turns that are still there."""
        waiting = (
            select(
                memory_turns.c.place,
                memory_turns.c.chat,
                func.count().label("count"),
                func.min(memory_turns.c.turn).label("first"),
            )
            .where(memory_turns.c.frame.is_(None), memory_turns.c.place != "")
            .group_by(memory_turns.c.place, memory_turns.c.chat)
            .subquery()
        )
        other = memory_turns.alias()
        here = and_(other.c.chat == waiting.c.chat, other.c.place == waiting.c.place)
        later = select(other.c.turn).where(here, other.c.turn > waiting.c.first, other.c.frame.is_not(None))
        query = select(waiting.c.place).where((waiting.c.count >= turns) | later.exists()).order_by(waiting.c.first)
        return tuple(connection.scalars(query).all())

    @reading
    def places_to_rewrite(self, connection: Connection) -> tuple[str, ...]:
        """Places whose text is not made of the summaries that stand at the top now."""
        rows = connection.execute(_tops()).all()
        texts = {row.place: row.made_of for row in connection.execute(select(memory_places))}
        tops: dict[str, list[int]] = {}
        for place, summary in rows:
            tops.setdefault(place, []).append(summary)
        stale = {place for place, ids in tops.items() if sorted(texts.get(place, [])) != sorted(ids)}
        return tuple(sorted(stale | {place for place, made_of in texts.items() if made_of and place not in tops}))

    @reading
    def last_framed(self, connection: Connection, chat: str, place: str) -> int:
        """The newest turn of a place that is part of a frame."""
        framed = and_(memory_turns.c.chat == chat, memory_turns.c.place == place, memory_turns.c.frame.is_not(None))
        query = select(memory_turns.c.turn).where(framed).order_by(memory_turns.c.turn.desc()).limit(1)
        return int(connection.scalar(query) or 0)

    @reading
    def tops(self, connection: Connection, place: str) -> tuple[Summary, ...]:
        """The summaries of a place that are part of no other, oldest first."""
        query = select(memory_summaries).where(memory_summaries.c.place == place, memory_summaries.c.parent.is_(None))
        rows = connection.execute(query.order_by(memory_summaries.c.last_at, memory_summaries.c.id))
        return tuple(_summary(row) for row in rows)

    @reading
    def of_place(self, connection: Connection, place: str) -> Audience | None:
        """Whose the summaries of a place are."""
        query = select(memory_summaries).where(memory_summaries.c.place == place).limit(1)
        row = connection.execute(query).first()
        return Audience(person=row.person, place=place, chat=row.chat, private=row.private) if row else None

    @writing
    def add_above(self, connection: Connection, spot: Audience, parts: Sequence[Summary], text: str) -> bool:
        """Keep what several summaries come to; False when one of them is gone or taken."""
        ids = [part.id for part in parts]
        free = and_(memory_summaries.c.id.in_(ids), memory_summaries.c.parent.is_(None))
        if connection.scalar(select(func.count()).select_from(memory_summaries).where(free)) != len(ids):
            return False
        first, last = min(part.first_at for part in parts), max(part.last_at for part in parts)
        made = _add(connection, spot, level=parts[0].level + 1, text=text, first_at=first, last_at=last)
        connection.execute(update(memory_summaries).where(memory_summaries.c.id.in_(ids)).values(parent=made))
        return True

    @writing
    def set_text(self, connection: Connection, spot: Audience, text: str, made_of: Sequence[int], *, at: float) -> bool:
        """Keep the text of a place; False when the summaries it is made of are not those at the top any more."""
        tops = connection.execute(_tops().where(memory_summaries.c.place == spot.place)).all()
        if sorted(summary for _, summary in tops) != sorted(made_of):
            return False
        put_place(connection, spot, text=text, made_of=list(made_of), at=at)
        return True


def add_frame(connection: Connection, spot: Audience, turns: Sequence[TurnWithText], text: str) -> int:
    """Keep the summary of some turns; 0 when one of them is gone, or is part of another frame."""
    ids = [turn.id for turn in turns]
    free = and_(memory_turns.c.turn.in_(ids), memory_turns.c.frame.is_(None), memory_turns.c.place == spot.place)
    if connection.scalar(select(func.count()).select_from(memory_turns).where(free)) != len(ids):
        return 0
    times = [turn.at for turn in turns]
    made = _add(connection, spot, level=1, text=text, first_at=min(times), last_at=max(times))
    connection.execute(update(memory_turns).where(memory_turns.c.turn.in_(ids)).values(frame=made))
    return made


def delete_summaries_of(connection: Connection, turns: Sequence[int]) -> None:
    """Delete every summary that was made of these turns, directly or not; what else it was made of stands alone again."""
    frames = select(memory_turns.c.frame).where(memory_turns.c.turn.in_(turns), memory_turns.c.frame.is_not(None))
    doomed: set[int] = set()
    more = set(connection.scalars(frames.distinct()).all())
    while more:
        doomed |= more
        above = select(memory_summaries.c.parent).where(memory_summaries.c.id.in_(more), memory_summaries.c.parent.is_not(None))
        more = set(connection.scalars(above).all()) - doomed
    if not doomed:
        return
    places = select(memory_summaries.c.place).where(memory_summaries.c.id.in_(doomed)).distinct()
    touched = connection.scalars(places).all()
    connection.execute(update(memory_places).where(memory_places.c.place.in_(touched)).values(text="", made_of=[]))
    connection.execute(delete(memory_summaries).where(memory_summaries.c.id.in_(doomed)))


def _add(connection: Connection, spot: Audience, **values: object) -> int:
    scope = {"place": spot.place, "chat": spot.chat, "private": spot.private, "person": spot.owner}
    result = connection.execute(insert(memory_summaries).values(**scope, **values))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def _tops() -> Any:
    query = select(memory_summaries.c.place, memory_summaries.c.id).where(memory_summaries.c.parent.is_(None))
    return query.order_by(memory_summaries.c.last_at, memory_summaries.c.id)


def _summary(row: Any) -> Summary:
    return Summary(id=row.id, level=row.level, text=row.text, first_at=row.first_at, last_at=row.last_at)
