"""Everything that the parts of a quiz share: the cards, the schedules, the settings of people, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from bot.quiz.deck import Deck
from bot.quiz.timezones import day_of, start_of
from bot.storage import Database
from bot.storage.cards import Groups, Learner, Learners, Reviews, Sessions

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
