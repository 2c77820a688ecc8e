"""Feedback: one thumb of each person for each answer, with the question and how the answer came about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from bot.storage.database import Database, reading, writing
from bot.storage.schema import citations, feedback, turns
from bot.types import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedAnswer:
    """An answer that somebody rated."""

    answer_id: str
    good: bool
    at: datetime
    question: str
    answer: str
    state: str
    receipt: dict[str, Any]
    sources: tuple[tuple[str, int, int, str], ...]
    """Path, start, end and text of each source."""


class Feedback:
    """What people think of answers."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writing
    def rate(self, connection: Connection, answer_id: str, person: Person, *, good: bool | None) -> bool:
        """Keep a person's verdict in the place of an earlier one; None takes it back. False when there is no such answer."""
        mine = (feedback.c.answer_id == answer_id) & (feedback.c.person == person.key)
        if not connection.scalar(select(turns.c.id).where(turns.c.answer_id == answer_id)):
            return False
        connection.execute(delete(feedback).where(mine))
        if good is not None:
            values = {"answer_id": answer_id, "person": person.key, "good": good, "at": datetime.now(UTC)}
            connection.execute(insert(feedback).values(values))
        return True

    async def all(self) -> AsyncIterator[RatedAnswer]:
        """Every verdict, oldest first, without a word on whose it is."""
        for rated in await self._all():
            yield rated

    @reading
    def _all(self, connection: Connection) -> tuple[RatedAnswer, ...]:
        columns = (feedback.c.answer_id, feedback.c.good, feedback.c.at, turns)
        query = select(*columns).join(turns, turns.c.answer_id == feedback.c.answer_id).order_by(feedback.c.at)
        return tuple(_rated(row, _sources(connection, row.id)) for row in connection.execute(query).all())


def _sources(connection: Connection, turn: int) -> tuple[tuple[str, int, int, str], ...]:
    query = select(citations).where(citations.c.turn == turn).order_by(citations.c.n)
    return tuple((source.path, source.start, source.stop, source.text) for source in connection.execute(query))


def _rated(row: Row[Any], sources: tuple[tuple[str, int, int, str], ...]) -> RatedAnswer:
    return RatedAnswer(
        answer_id=row.answer_id,
        good=row.good,
        at=row.at,
        question=row.asked,
        answer=row.answered,
        state=row.state,
        receipt=row.receipt,
        sources=sources,
    )
