"""The tables of flashcards and quizzes, on the same metadata as all others."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, Index, Integer, String, Table, Text

from bot.storage.schema import Moment, metadata

cards = Table(
    "cards",
    metadata,
    Column("vault", String(100), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("path", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("heading", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("section", String(32), nullable=False),
    Column("start", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("digest", String(32), nullable=False),
    Column("content", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Index("cards_in_order", "vault", "state", "path", "start", "id"),
    Index("cards_by_section", "vault", "state", "section", "id"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("person", String(200), primary_key=True),
    Column("card", String(64), primary_key=True),
    Column("state", Integer, nullable=False),
    Column("step", Integer),
    Column("stability", Double),
    Column("difficulty", Double),
    Column("due", Moment, nullable=False),
    Column("last_review", Moment),
    Column("lapses", Integer, nullable=False),
    Column("suspended", String(12), nullable=False),
    Index("schedules_by_due", "person", "suspended", "due"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("person", String(200), nullable=False),
    Column("card", String(64), nullable=False),
    Column("rating", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("milliseconds", Integer),
    Column("was", Integer, nullable=False),
    Column("how", String(12), nullable=False),
    Column("before", JSON, nullable=False),
    Index("reviews_by_person", "person", "at"),
)

learners = Table(
    "learners",
    metadata,
    Column("person", String(200), primary_key=True),
    Column("timezone", String(64), nullable=False),
    Column("new_per_day", Integer, nullable=False),
    Column("retention", Double, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("remind_at", String(5), nullable=False),
    Column("reminded_on", String(10), nullable=False),
    Column("platform", String(32), nullable=False),
    Column("chat", String(100), nullable=False),
    Column("thread", String(100), nullable=False),
    Column("language", String(8), nullable=False),
    Column("unreached", String(5), nullable=False, server_default=""),
    Index("learners_to_remind", "remind_at"),
)

quiz_sessions = Table(
    "quiz_sessions",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("vault", String(100), nullable=False),
    Column("person", String(200), nullable=False),
    Column("place", String(200), nullable=False),
    Column("language", String(8), nullable=False),
    Column("topic", Text, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("phase", String(12), nullable=False),
    Column("step", Integer, nullable=False),
    Column("queue", JSON, nullable=False),
    Column("options", JSON, nullable=False),
    Column("correct", Integer, nullable=False),
    Column("suggested", Integer, nullable=False),
    Column("how", String(12), nullable=False),
    Column("tally", JSON, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Index("quiz_sessions_by_person", "person", "place", "phase"),
)

group_rounds = Table(
    "group_rounds",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("vault", String(100), nullable=False),
    Column("person", String(200), nullable=False),
    Column("place", String(200), nullable=False),
    Column("platform", String(32), nullable=False),
    Column("chat", String(100), nullable=False),
    Column("thread", String(100), nullable=False),
    Column("language", String(8), nullable=False),
    Column("topic", Text, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("phase", String(12), nullable=False),
    Column("step", Integer, nullable=False),
    Column("queue", JSON, nullable=False),
    Column("options", JSON, nullable=False),
    Column("correct", Integer, nullable=False),
    Column("closes_at", Moment, nullable=False),
    Index("group_rounds_by_place", "place", "phase"),
    Index("group_rounds_by_phase", "phase"),
)

group_answers = Table(
    "group_answers",
    metadata,
    Column("round", String(16), ForeignKey("group_rounds.id", ondelete="CASCADE"), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("choice", Integer, nullable=False),
    Column("correct", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)
