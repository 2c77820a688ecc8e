"""Thumbs go in, one of each person for each answer; they come out with the question, the answer and how it came about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from bot.messages import Person
from bot.state.database import Database
from bot.state.tables import citations, feedback, turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
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
        self._database = database

    async def rate(self, answer_id: str, person: Person, *, good: bool | None) -> bool:
        """Keep a person's verdict in the place of an earlier one; None takes it back. False when there is no such answer."""
        mine = (feedback.c.answer_id == answer_id) & (feedback.c.person == person.key)
        async with self._database.writing() as connection:
            if not await connection.scalar(select(turns.c.id).where(turns.c.answer_id == answer_id)):
                return False
            await connection.execute(delete(feedback).where(mine))
            if good is not None:
                values = {"answer_id": answer_id, "person": person.key, "good": good, "at": datetime.now(UTC)}
                await connection.execute(insert(feedback).values(values))
        return True

    async def all(self) -> AsyncIterator[Rated]:
        """Every verdict, oldest first, without a word on whose it is."""
        columns = (feedback.c.answer_id, feedback.c.good, feedback.c.at, turns)
        query = select(*columns).join(turns, turns.c.answer_id == feedback.c.answer_id).order_by(feedback.c.at)
        async with self._database.reading() as connection:
            for row in (await connection.execute(query)).all():
                sources = select(citations).where(citations.c.turn == row.id).order_by(citations.c.n)
                found = (await connection.execute(sources)).all()
                yield Rated(
                    answer_id=row.answer_id,
                    good=row.good,
                    at=row.at,
                    question=row.asked,
                    answer=row.answered,
                    state=row.state,
                    receipt=row.receipt,
                    sources=tuple((source.path, source.start, source.stop, source.text) for source in found),
                )
