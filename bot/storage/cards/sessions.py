"""Quizzes under way: one person's queue in a chat, and a group's open question with everybody's answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, cast, delete, func, insert, select, update

from bot.storage.cards.schema import group_answers, group_rounds, quiz_sessions
from bot.storage.database import Database, reading, writing
from bot.types import Language, Person, Place

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


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRound:
    """Where a group's quiz stands."""

    id: str
    vault: str
    person: str
    """Who began it."""
    place: str
    platform: str
    chat: str
    thread: str
    language: Language
    topic: str
    seconds: int
    closes_at: datetime
    phase: str = "ready"
    """`ready` (no question yet), `open`, `closed` (the answer is shown, the next comes) or `ended`."""
    step: int = 0
    """The number of the question, from 1."""
    queue: tuple[str, ...] = ()
    """Ids of all cards, in the order they are asked."""
    options: tuple[str, ...] = ()
    correct: int = 0
    """Which of the options is the answer."""

    @property
    def where(self) -> Place:
        return Place(platform=self.platform, chat=self.chat, thread=self.thread, private=False)

    @property
    def card(self) -> str:
        """The id of the card that is asked, or was asked last."""
        return self.queue[self.step - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A line of the table."""

    person: str
    name: str
    right: int
    answered: int


class Groups:
    """The quizzes of all groups."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writing
    def begin(self, connection: Connection, game: GroupRound) -> bool:
        """Keep a new round; False when one is going on in this place."""
        there = select(group_rounds.c.id).where(group_rounds.c.place == game.place, group_rounds.c.phase != ENDED)
        if connection.execute(there.limit(1)).first():
            return False
        connection.execute(insert(group_rounds).values(_round_values(game)))
        return True

    @reading
    def get(self, connection: Connection, game_id: str) -> GroupRound | None:
        return self.get_in(connection, game_id)

    def get_in(self, connection: Connection, game_id: str) -> GroupRound | None:
        query = select(group_rounds).where(group_rounds.c.id == game_id).with_for_update()
        row = connection.execute(query).one_or_none()
        return _round(row) if row else None

    def put_in(self, connection: Connection, game: GroupRound) -> None:
        connection.execute(update(group_rounds).where(group_rounds.c.id == game.id).values(_round_values(game)))

    @reading
    def open_one(self, connection: Connection, place: str) -> GroupRound | None:
        """The round that is going on in this place."""
        query = select(group_rounds).where(group_rounds.c.place == place, group_rounds.c.phase != ENDED).limit(1)
        row = connection.execute(query).one_or_none()
        return _round(row) if row else None

    @reading
    def going_on(self, connection: Connection) -> tuple[GroupRound, ...]:
        """All rounds that have not ended."""
        rows = connection.execute(select(group_rounds).where(group_rounds.c.phase != ENDED))
        return tuple(_round(row) for row in rows)

    def choice_in(self, connection: Connection, game: GroupRound, person: Person) -> int | None:
        """What the person has chosen for this question already."""
        a = group_answers.c
        query = select(a.choice).where(a.round == game.id, a.step == game.step, a.person == person.key)
        return connection.scalar(query)

    def answer_in(
        self, connection: Connection, game: GroupRound, person: Person, *, choice: int, correct: bool, at: datetime
    ) -> None:
        """Keep an answer; the primary key admits one a person and question."""
        values = {"round": game.id, "step": game.step, "person": person.key, "name": person.name or person.id}
        connection.execute(insert(group_answers).values(**values, choice=choice, correct=correct, at=at))

    @reading
    def choices(self, connection: Connection, game: GroupRound) -> dict[int, int]:
        """How many chose each option of the question that was asked last."""
        a = group_answers.c
        query = select(a.choice, func.count()).where(a.round == game.id, a.step == game.step).group_by(a.choice)
        return {row[0]: row[1] for row in connection.execute(query)}

    @reading
    def standings(self, connection: Connection, game: GroupRound) -> tuple[Score, ...]:
        """The table, the most right answers first; among equals, who needed fewer answers, then who began first."""
        a = group_answers.c
        right = func.sum(cast(a.correct, Integer)).label("points")
        columns = (a.person, func.max(a.name).label("name"), right, func.count().label("answered"))
        query = select(*columns).where(a.round == game.id).group_by(a.person)
        query = query.order_by(right.desc(), func.count(), func.min(a.at), a.person)
        rows = connection.execute(query)
        return tuple(Score(person=r.person, name=r.name, right=r.points, answered=r.answered) for r in rows)


def _round_values(game: GroupRound) -> dict[str, Any]:
    return {**asdict(game), "queue": list(game.queue), "options": list(game.options)}


def _round(row: Row[Any]) -> GroupRound:
    values = {field.name: getattr(row, field.name) for field in fields(GroupRound)}
    return GroupRound(**{**values, "queue": tuple(row.queue), "options": tuple(row.options)})
