"""How each person learns: time zone, new cards a day, wanted retention, the hour of their reminder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bot.storage.cards.schema import learners
from bot.storage.database import Database, reading, writing
from bot.types import Language, Person, Place


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
