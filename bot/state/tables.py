"""The tables as they are today; `migrations/` tells how they came to be."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text, text, true

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
    Column("name", String(64), nullable=False, server_default=""),
    Column("chat", String(200), nullable=False, server_default=""),
    Column("private", Boolean, nullable=False, server_default=true()),
    Column("noted", Integer, nullable=False, server_default=text("0")),
    Index("turns_by_place", "place", "id"),
    Index("turns_by_person", "person", "id"),
    Index("turns_to_note", "id", sqlite_where=text("noted = 0"), postgresql_where=text("noted = 0")),
)
"""`name`, `chat` and `private` say who spoke and who may hear of it; `noted` is 0 until memory has seen the turn, then 1,
or 2 when its person wants nothing remembered."""

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
