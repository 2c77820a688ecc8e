"""Turns with the sources and ratings of their answers, one transaction each, by place or by answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from bot.storage.database import Database, reading, writing
from bot.storage.schema import citations, feedback, memory_places, quotes, turns
from bot.types import Answer, AnswerState, Citation, Person, Place, Question, Quote, Receipt, together

# Statements that every question needs, built once.
PUT_TURN, PUT_CITATIONS = insert(turns), insert(citations)
HERE = turns.c.place == bindparam("here")
RESET = select(memory_places.c.window_from).where(memory_places.c.place == bindparam("here"))
OF_QUOTE = [quotes.c[name].label(f"quoted_{name}") for name in ("text", "person", "name")]
RECENT = (
    select(*(turns.c[name] for name in "answer_id person asked answered state at name".split()), *OF_QUOTE)
    .outerjoin(quotes)
    .where(HERE, turns.c.at > bindparam("since"))
    .order_by(turns.c.id.desc())
    .limit(bindparam("most"))
)
REPLIED = select(turns.c.id).where(HERE, turns.c.answer_id == bindparam("until")).scalar_subquery()
UNTIL = RECENT.where(turns.c.id <= func.coalesce(REPLIED, turns.c.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and its answer, as they were said."""

    answer_id: str
    person: str
    asked: str
    answered: str
    at: datetime
    name: str = ""
    """What the person was called then; anybody may be called anything."""
    quote: Quote | None = None
    state: str = AnswerState.MODEL

    @property
    def answered_by_notes(self) -> bool:
        """False when the notes did not say, or were not asked."""
        return self.state in (AnswerState.MODEL, AnswerState.EXCERPTS, AnswerState.STOPPED)

    @property
    def words(self) -> str:
        """The question with what it quotes."""
        return together(self.asked, self.quote)


class TurnStore:
    """Turns and their sources. Open it with `State.open`, close it with `close`."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database = database
        self._clock = clock

    @classmethod
    async def open(cls, url: str) -> TurnStore:
        """Connect to `url`; see `Database.open`."""
        return cls(await Database.open(url))

    @classmethod
    async def open_file(cls, file: Path) -> TurnStore:
        """The same for an SQLite file, which is made if need be."""
        return cls(await Database.open_file(file))

    async def close(self) -> None:
        await self.database.close()

    @reading
    def recent_turns(self, connection: Connection, place: Place, limit: int, *, until: str = "") -> tuple[Turn, ...]:
        """The latest turns of a place since its last reset, oldest first; those up to the answer `until`, if it has it."""
        reset = connection.scalar(RESET, {"here": place.key})
        since = datetime.fromtimestamp(reset or 0.0, UTC)
        values = {"here": place.key, "since": since, "most": limit}
        rows = connection.execute(UNTIL, {**values, "until": until}) if until else connection.execute(RECENT, values)
        return tuple(_turn(row) for row in reversed(rows.all()))

    @writing
    def record(self, connection: Connection, question: Question, answer: Answer) -> Answer:
        """Keep a turn with its sources; return the answer with the id it is kept under."""
        kept = replace(answer, id=answer.id or token_hex(8))
        result = connection.execute(PUT_TURN, _turn_values(question, kept, self._clock()))
        turn = result.inserted_primary_key[0] if result.inserted_primary_key else 0
        if question.quote:
            connection.execute(insert(quotes).values(turn=turn, **_quote_values(question.quote)))
        if kept.citations:
            connection.execute(PUT_CITATIONS, [_citation_values(turn, c) for c in kept.citations])
        return kept

    @reading
    def sources(self, connection: Connection, answer_id: str) -> tuple[Citation, ...]:
        """The sources of an answer, by number; none for an unknown id."""
        query = select(citations).join(turns).where(turns.c.answer_id == answer_id).order_by(citations.c.n)
        return tuple(_citation(row) for row in connection.execute(query))

    @reading
    def receipt(self, connection: Connection, answer_id: str) -> Receipt | None:
        """How an answer came about; None for an unknown id."""
        query = select(turns.c.receipt).where(turns.c.answer_id == answer_id)
        kept = connection.scalar(query)
        return _receipt(kept) if kept is not None else None

    @reading
    def asked(self, connection: Connection, answer_id: str) -> tuple[str, Quote | None]:
        """The words that an answer answers, and those that they are about; empty for an unknown id."""
        query = select(turns.c.asked, *OF_QUOTE).outerjoin(quotes).where(turns.c.answer_id == answer_id)
        row = connection.execute(query).first()
        return (row.asked, _quote(row)) if row else ("", None)

    @reading
    def last_answer(self, connection: Connection, place: Place) -> str:
        """The id of the latest answer in a place; empty when there is none."""
        query = select(turns.c.answer_id).where(turns.c.place == place.key).order_by(turns.c.id.desc()).limit(1)
        return str(connection.scalar(query) or "")

    @reading
    def last_answer_with_sources(self, connection: Connection, *places: Place) -> str:
        """The id of the latest answer in these places that has sources; empty when there is none."""
        here = turns.c.place.in_([place.key for place in places])
        query = select(turns.c.answer_id).join(citations).where(here).order_by(turns.c.id.desc()).limit(1)
        return str(connection.scalar(query) or "")


def _turn_values(question: Question, answer: Answer, at: datetime) -> dict[str, object]:
    return {
        "answer_id": answer.id,
        "place": question.place.key,
        "person": question.person.key,
        "asked": question.text,
        "answered": answer.text,
        "state": str(answer.state),
        "receipt": _plain(answer.receipt),
        "at": at,
        "name": question.person.name[:64],
        "chat": question.place.circle,
        "private": question.place.private,
    }


def _plain(value: Receipt | Citation) -> dict[str, Any]:
    """Its fields by name; `asdict` would copy every word of them."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _turn(row: Row[Any]) -> Turn:
    same = {name: getattr(row, name) for name in ("answer_id", "person", "asked", "answered", "state", "at", "name")}
    return Turn(**same, quote=_quote(row))


def _quote(row: Row[Any]) -> Quote | None:
    if row.quoted_text is None:
        return None
    return Quote(text=row.quoted_text, person=row.quoted_person, name=row.quoted_name)


def _quote_values(quote: Quote) -> dict[str, str]:
    return {"text": quote.text, "person": quote.person, "name": quote.name[:64]}


def _receipt(kept: dict[str, Any]) -> Receipt:
    """A receipt of any version: what it did not know yet, or knows no more, is left out."""
    known = {field.name for field in fields(Receipt)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items() if name in known
    }
    values["tokens"] = tuple((str(part), int(count)) for part, count in values.get("tokens", ()))
    return Receipt(**values)


def _citation_values(turn: int, citation: Citation) -> dict[str, object]:
    values = _plain(citation)
    first, last = values.pop("lines")
    stop = values.pop("end")
    return {**values, "turn": turn, "heading": list(citation.heading), "first_line": first, "last_line": last, "stop": stop}


def _citation(row: Row[Any]) -> Citation:
    return Citation(
        n=row.n,
        path=row.path,
        title=row.title,
        heading=tuple(row.heading),
        lines=(row.first_line, row.last_line),
        start=row.start,
        end=row.stop,
        text=row.text,
        passage=row.passage,
        note_digest=row.note_digest,
    )


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
