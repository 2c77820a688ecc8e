"""One person's quiz in one place: what is asked now and what comes next, so that a button works after a restart."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.storage.cards.schema import quiz_sessions
from bot.storage.database import Database, reading, writing
from bot.types import Language

ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Where a quiz stands. `step` goes up with every question, so that a button of an earlier one is known to be stale."""

    id: str
    vault: str
    person: str
    place: str
    language: Language
    topic: str
    wanted: int
    asked_at: datetime
    phase: str = "asked"
    """`offered` (nothing due), `asked`, `answered` (waits for a rating) or `ended`."""
    step: int = 0
    queue: tuple[str, ...] = ()
    """Ids of cards; the first is the one that is asked."""
    options: tuple[str, ...] = ()
    """The choices, when the question is shown with choices."""
    correct: int = 0
    """Which of them is the answer."""
    suggested: int = 0
    """The rating that fits the answer given; 0 when the answer was only shown."""
    how: str = "shown"
    tally: tuple[int, ...] = (0, 0, 0, 0)
    """How often each rating was given."""


class Sessions:
    """The quizzes of all persons."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reading
    def get(self, connection: Connection, session_id: str) -> Session | None:
        return self.get_in(connection, session_id)

    def get_in(self, connection: Connection, session_id: str) -> Session | None:
        query = select(quiz_sessions).where(quiz_sessions.c.id == session_id).with_for_update()
        row = connection.execute(query).one_or_none()
        return _session(row) if row else None

    @reading
    def open_one(self, connection: Connection, person: str, place: str) -> Session | None:
        """The quiz that the person has going on in this place."""
        mine = (quiz_sessions.c.person == person, quiz_sessions.c.place == place, quiz_sessions.c.phase != ENDED)
        row = connection.execute(select(quiz_sessions).where(*mine).limit(1)).one_or_none()
        return _session(row) if row else None

    @reading
    def last_one(self, connection: Connection, person: str, place: str) -> Session | None:
        """The quiz that the person had last in this place, ended or not; one is kept until the next begins."""
        mine = (quiz_sessions.c.person == person, quiz_sessions.c.place == place)
        query = select(quiz_sessions).where(*mine).order_by(quiz_sessions.c.asked_at.desc()).limit(1)
        row = connection.execute(query).one_or_none()
        return _session(row) if row else None

    @writing
    def begin(self, connection: Connection, session: Session) -> None:
        """Keep a session in the place of the one that the person had here."""
        mine = (quiz_sessions.c.person == session.person, quiz_sessions.c.place == session.place)
        connection.execute(delete(quiz_sessions).where(*mine))
        connection.execute(insert(quiz_sessions).values(_values(session)))

    @writing
    def put(self, connection: Connection, session: Session) -> None:
        self.put_in(connection, session)

    def put_in(self, connection: Connection, session: Session) -> None:
        connection.execute(update(quiz_sessions).where(quiz_sessions.c.id == session.id).values(_values(session)))


def _values(session: Session) -> dict[str, Any]:
    values = asdict(session)
    return {**values, **{name: list(values[name]) for name in ("queue", "options", "tally")}}


def _session(row: Row[Any]) -> Session:
    values = {field.name: getattr(row, field.name) for field in fields(Session)}
    return Session(**{**values, **{name: tuple(values[name]) for name in ("queue", "options", "tally")}})
