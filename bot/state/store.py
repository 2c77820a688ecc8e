"""Turns and the sources of their answers go in, one transaction each; they come out by place or by answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, event, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.messages import Answer, Citation, Place, Question
from bot.settings import Problem
from bot.state.tables import citations, turns

REVISION = "0001"
"""The newest migration; a test holds it against the folder, so that a start need not import Alembic to see that all is well."""


class StateProblem(Problem):
    """The database cannot be used; the message names it and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and its answer, as they were said."""

    answer_id: str
    person: str
    asked: str
    answered: str
    at: datetime


class State:
    """The database. Open it with `State.open`, close it with `close`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(sqlite_begin="IMMEDIATE")

    @classmethod
    async def open(cls, url: str) -> State:
        """Connect to `url` (an SQLAlchemy URL) and bring the tables up to date.

        Raises:
            StateProblem: it cannot be reached, read or migrated.
        """
        state = cls(_engine(url))
        try:
            if await state._revision() != REVISION:
                await state._migrate()
        except (SQLAlchemyError, OSError) as error:
            await state.close()
            raise StateProblem(f"{make_url(url).render_as_string()}: {_cause(error)}") from error
        return state

    @classmethod
    async def open_file(cls, file: Path) -> State:
        """The same for an SQLite file, which is made if need be."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateProblem(f"{file.parent}: {error.strerror} (choose another folder with --data)") from error
        return await cls.open(f"sqlite+aiosqlite:///{file}")

    async def close(self) -> None:
        await self._engine.dispose()

    async def recent_turns(self, place: Place, limit: int) -> tuple[Turn, ...]:
        """The latest turns of a place, oldest first."""
        query = select(turns).where(turns.c.place == place.key).order_by(turns.c.id.desc()).limit(limit)
        async with self._reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(_turn(row) for row in reversed(rows))

    async def record(self, question: Question, answer: Answer) -> Answer:
        """Keep a turn with its sources; return the answer with the id it is kept under."""
        kept = replace(answer, id=answer.id or token_hex(8))
        async with self._writing() as connection:
            result = await connection.execute(insert(turns).values(_turn_values(question, kept)))
            turn = result.inserted_primary_key[0] if result.inserted_primary_key else 0
            if kept.citations:
                await connection.execute(insert(citations), [_citation_values(turn, c) for c in kept.citations])
        return kept

    async def sources(self, answer_id: str) -> tuple[Citation, ...]:
        """The sources of an answer, by number; none for an unknown id."""
        query = select(citations).join(turns).where(turns.c.answer_id == answer_id).order_by(citations.c.n)
        async with self._reading() as connection:
            return tuple(_citation(row) for row in await connection.execute(query))

    async def last_answer_with_sources(self, *places: Place) -> str:
        """The id of the latest answer in these places that has sources; empty when there is none."""
        here = turns.c.place.in_([place.key for place in places])
        query = select(turns.c.answer_id).join(citations).where(here).order_by(turns.c.id.desc()).limit(1)
        async with self._reading() as connection:
            return str(await connection.scalar(query) or "")

    async def _revision(self) -> str:
        async with self._reading() as connection:
            there = await connection.run_sync(lambda sync: sync.dialect.has_table(sync, "alembic_version"))
            return str(await connection.scalar(text("SELECT version_num FROM alembic_version"))) if there else ""

    async def _migrate(self) -> None:
        from bot.state.migrations import upgrade

        async with self._writing() as connection:
            await connection.run_sync(upgrade)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._writer.begin() as connection:
            yield connection


def _engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Readers do not wait for the writer; a writer waits for another one; deleting a turn deletes what hangs on it."""
    connection.isolation_level = None  # Python's driver would begin late, and leave table changes outside of it
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "busy_timeout = 30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: one that reads first and writes later would have to give up to another."""
    kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _cause(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())


def _turn_values(question: Question, answer: Answer) -> dict[str, object]:
    return {
        "answer_id": answer.id,
        "place": question.place.key,
        "person": question.person.key,
        "asked": question.text,
        "answered": answer.text,
        "state": str(answer.state),
        "receipt": asdict(answer.receipt),
        "at": datetime.now(UTC),
    }


def _turn(row: Row[Any]) -> Turn:
    return Turn(answer_id=row.answer_id, person=row.person, asked=row.asked, answered=row.answered, at=row.at)


def _citation_values(turn: int, citation: Citation) -> dict[str, object]:
    values = asdict(citation)
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
