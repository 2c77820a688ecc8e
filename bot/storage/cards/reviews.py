"""Learners and their reviews, each in one transaction with the schedule it led to; the last one can be undone exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.storage.cards.schema import cards, learners, reviews, schedules
from bot.storage.database import Database, reading, writing
from bot.types import Language, Person, Place

IMPORTED = "import"
"""How a review came that was made elsewhere; `undo` stops there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Where a person stands with a card: FSRS's numbers (state 1 learning, 2 review, 3 relearning), lapses, and why it rests."""

    state: int
    step: int | None
    stability: float | None
    difficulty: float | None
    due: datetime
    last_review: datetime | None
    lapses: int = 0
    suspended: str = ""
    """Empty, `leech` (forgotten too often) or `person` (they said so)."""

    def as_json(self) -> dict[str, Any]:
        """Exact: Python writes floats so that they read back the same."""
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        moments = {name: datetime.fromisoformat(values[name]) for name in ("due", "last_review") if values[name]}
        return cls(**{**values, **moments})


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One rating of one card by one person."""

    person: str
    card: str
    rating: int
    """FSRS: 1 again, 2 hard, 3 good, 4 easy."""
    at: datetime
    milliseconds: int | None = None
    was: int = 0
    """The state before: 0 new, 1 learning, 2 review, 3 relearning."""
    how: str = "shown"
    """`shown`, `typed`, `choice`, `group` or `import`."""


class Reviews:
    """Schedules and the log of reviews; the log outlives its cards."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reading
    def schedule(self, connection: Connection, person: str, card: str) -> Schedule | None:
        """Where the person stands with the card; None when it is new to them."""
        return _schedule_in(connection, person, card)

    def schedule_in(self, connection: Connection, person: str, card: str) -> Schedule | None:
        """The same inside a transaction."""
        return _schedule_in(connection, person, card)

    def record_in(self, connection: Connection, review: Review, schedule: Schedule, *, before: Schedule | None) -> None:
        """As `record`, inside a transaction; `before` is the schedule that the transaction found."""
        connection.execute(insert(reviews).values(_values(review, before=before)))
        _put(connection, review.person, review.card, schedule, there=before is not None)

    @writing
    def record(self, connection: Connection, review: Review, schedule: Schedule) -> None:
        """Keep a review and the schedule it led to."""
        before = _schedule_in(connection, review.person, review.card)
        self.record_in(connection, review, schedule, before=before)

    def undo_in(self, connection: Connection, person: str) -> Review | None:
        """Take the person's last rating back: the schedule is what it was before it. None when there is none to take back."""
        query = select(reviews).where(reviews.c.person == person).order_by(reviews.c.id.desc()).limit(1)
        row = connection.execute(query).one_or_none()
        if row is None or row.how == IMPORTED:
            return None
        now = _schedule_in(connection, person, row.card)
        connection.execute(delete(reviews).where(reviews.c.id == row.id))
        before = Schedule.from_json(row.before) if row.before else None
        if before and now and now.suspended == "person":  # they said so themselves; only their rating is taken back
            before = Schedule(**{**asdict(before), "suspended": "person"})
        _put(connection, person, row.card, before)
        return _review(row)

    @writing
    def suspend(self, connection: Connection, person: str, card: str, new: Schedule) -> None:
        """The card rests for this person; `new` stands in when they have no schedule of it yet."""
        there = _schedule_in(connection, person, card)
        _put(connection, person, card, Schedule(**{**asdict(there or new), "suspended": "person"}))

    @writing
    def wake(self, connection: Connection, person: str) -> int:
        """All of the person's suspended cards come back; how many."""
        never = (schedules.c.person == person, schedules.c.suspended != "", schedules.c.last_review.is_(None))
        count = connection.execute(delete(schedules).where(*never)).rowcount
        rest = update(schedules).where(schedules.c.person == person, schedules.c.suspended != "").values(suspended="")
        return count + connection.execute(rest).rowcount

    @reading
    def resting(self, connection: Connection, person: str) -> int:
        """How many cards are suspended for this person."""
        query = select(func.count()).select_from(schedules).where(schedules.c.person == person, schedules.c.suspended != "")
        return int(connection.scalar(query) or 0)

    @reading
    def log(self, connection: Connection, person: str, *, since: datetime | None = None) -> tuple[Review, ...]:
        """The person's reviews, oldest first."""
        query = select(reviews).where(reviews.c.person == person, *([reviews.c.at >= since] if since else []))
        return tuple(_review(row) for row in connection.execute(query.order_by(reviews.c.at, reviews.c.id)))

    @reading
    def new_since(self, connection: Connection, person: str, moment: datetime) -> int:
        """How many cards the person saw for the first time since then."""
        mine = (reviews.c.person == person, reviews.c.at >= moment, reviews.c.was == 0, reviews.c.how != IMPORTED)
        return int(connection.scalar(select(func.count()).select_from(reviews).where(*mine)) or 0)

    @reading
    def due_dates(self, connection: Connection, person: str, *, vault: str, before: datetime) -> tuple[datetime, ...]:
        """When the person's current cards are due, up to a moment."""
        mine = (schedules.c.person == person, schedules.c.suspended == "", schedules.c.due < before)
        here = (cards.c.id == schedules.c.card, cards.c.vault == vault, cards.c.state == "active")
        query = select(schedules.c.due).join(cards, here[0]).where(*mine, *here[1:]).order_by(schedules.c.due)
        return tuple(connection.scalars(query).all())

    @writing
    def replace_schedules(self, connection: Connection, person: str, fresh: Iterable[Review], made: dict[str, Schedule]) -> int:
        """Keep reviews made elsewhere, and the schedules that the whole log leads to; how many were new."""
        rows = [_values(review, before=None) for review in fresh]
        if rows:
            connection.execute(insert(reviews), rows)
        for card, schedule in made.items():
            _put(connection, person, card, schedule)
        return len(rows)

    @reading
    def schedules(self, connection: Connection, person: str, ids: Sequence[str]) -> dict[str, Schedule]:
        """The person's schedules of some cards."""
        found: dict[str, Schedule] = {}
        for at in range(0, len(ids), 500):
            query = select(schedules).where(schedules.c.person == person, schedules.c.card.in_(ids[at : at + 500]))
            found |= {row.card: _schedule(row) for row in connection.execute(query)}
        return found


def _schedule_in(connection: Connection, person: str, card: str) -> Schedule | None:
    query = select(schedules).where(schedules.c.person == person, schedules.c.card == card).with_for_update()
    row = connection.execute(query).one_or_none()
    return _schedule(row) if row else None


def _put(connection: Connection, person: str, card: str, schedule: Schedule | None, *, there: bool = True) -> None:
    mine = (schedules.c.person == person, schedules.c.card == card)
    if schedule is None:
        connection.execute(delete(schedules).where(*mine))
        return
    values = {field.name: getattr(schedule, field.name) for field in fields(Schedule)}
    if not there or not connection.execute(update(schedules).where(*mine).values(values)).rowcount:
        connection.execute(insert(schedules).values(person=person, card=card, **values))


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(**{field.name: getattr(row, field.name) for field in fields(Schedule)})


def _review(row: Row[Any]) -> Review:
    return Review(**{field.name: getattr(row, field.name) for field in fields(Review)})


def _values(review: Review, *, before: Schedule | None) -> dict[str, Any]:
    return {**asdict(review), "before": before.as_json() if before else {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """One person's settings."""

    person: str = ""
    timezone: str = "UTC"
    """An IANA name."""
    new_per_day: int = 10
    retention: float = 0.9
    """The share of due cards that the person wants to remember."""
    parameters: tuple[float, ...] = ()
    """FSRS's 21 weights from the person's own reviews; none means the library's."""
    remind_at: str = ""
    """HH:MM on the person's clock; empty for no reminder."""
    reminded_on: str = ""
    """The person's date of the last reminder."""
    unreached: str = ""
    """`remind_at` of a reminder that ended because the person could not be reached, until they are told."""
    platform: str = ""
    chat: str = ""
    thread: str = ""
    language: Language = "zh"

    @property
    def place(self) -> Place:
        """Where they are reminded."""
        return Place(platform=self.platform, chat=self.chat, thread=self.thread, private=True)


class Learners:
    """Everybody's settings; `defaults` are those of a person who has set nothing."""

    def __init__(self, database: Database, defaults: Learner | None = None) -> None:
        self.database = database
        self.defaults = defaults or Learner()

    @reading
    def get(self, connection: Connection, person: Person) -> Learner:
        row = connection.execute(select(learners).where(learners.c.person == person.key)).one_or_none()
        unset = Learner(**{**asdict(self.defaults), "person": person.key, "language": person.language})
        return _learner(row) if row else unset

    @writing
    def put(self, connection: Connection, learner: Learner) -> None:
        values = {**asdict(learner), "parameters": list(learner.parameters)}
        there = update(learners).where(learners.c.person == learner.person).values(values)
        if not connection.execute(there).rowcount:
            connection.execute(insert(learners).values(values))

    @reading
    def with_reminder(self, connection: Connection) -> tuple[Learner, ...]:
        """Everybody who wants to be reminded."""
        rows = connection.execute(select(learners).where(learners.c.remind_at != "").order_by(learners.c.person))
        return tuple(_learner(row) for row in rows)

    @writing
    def claim(self, connection: Connection, person: str, day: str) -> bool:
        """True for the first who asks to remind the person on that day; what makes sure that it happens once."""
        mine = update(learners).where(learners.c.person == person, learners.c.reminded_on != day, learners.c.remind_at != "")
        return bool(connection.execute(mine.values(reminded_on=day)).rowcount)

    @writing
    def release(self, connection: Connection, learner: Learner, day: str) -> None:
        """Take a claim of that day back: nothing was sent."""
        mine = update(learners).where(learners.c.person == learner.person, learners.c.reminded_on == day)
        connection.execute(mine.values(reminded_on=learner.reminded_on))

    @writing
    def stop_reminding(self, connection: Connection, person: str) -> None:
        """Nobody is reached there; `unreached` keeps what ended."""
        mine = update(learners).where(learners.c.person == person, learners.c.remind_at != "")
        connection.execute(mine.values(unreached=learners.c.remind_at, remind_at=""))

    @reading
    def unreached(self, connection: Connection) -> tuple[Learner, ...]:
        """Everybody whose reminder ended because they could not be reached, and who was not told yet."""
        rows = connection.execute(select(learners).where(learners.c.unreached != "").order_by(learners.c.person))
        return tuple(_learner(row) for row in rows)

    @writing
    def told(self, connection: Connection, person: str) -> None:
        """They know that their reminder ended."""
        connection.execute(update(learners).where(learners.c.person == person).values(unreached=""))


def _learner(row: Row[Any]) -> Learner:
    values = {field.name: getattr(row, field.name) for field in fields(Learner)}
    return Learner(**{**values, "parameters": tuple(row.parameters)})
