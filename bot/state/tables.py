"""The tables as they are today; `migrations/` tells how they came to be."""

from __future__ import annotations

from sqlalchemy import JSON, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", String(32), nullable=False, unique=True),
    Column("place", String(200), nullable=False),
    Column("person", String(200), nullable=False),
    Column("asked", Text, nullable=False),
    Column("answered", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("receipt", JSON, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("turns_by_place", "place", "id"),
)

citations = Table(
    "citations",
    metadata,
    Column("turn", Integer, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("heading", JSON, nullable=False),
    Column("first_line", Integer, nullable=False),
    Column("last_line", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("stop", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("passage", String(32), nullable=False),
    Column("note_digest", String(32), nullable=False),
)
