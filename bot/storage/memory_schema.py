"""The tables of memory, beside those of `tables.py`. Times are seconds since 1970 (UTC): they are compared by the thousand."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from bot.storage.schema import metadata

memory_summaries = Table(
    "memory_summaries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("place", String(200), nullable=False),
    Column("chat", String(200), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("person", String(200), nullable=False),
    Column("level", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("first_at", Float, nullable=False),
    Column("last_at", Float, nullable=False),
    Column("parent", Integer, ForeignKey("memory_summaries.id", ondelete="SET NULL")),
    Index("memory_summaries_by_place", "place", "level", "id"),
    Index("memory_summaries_by_parent", "parent"),
)
"""Level 1 is a frame of turns; a summary of level n + 1 is made of those of level n whose parent it is."""

memory_turns = Table(
    "memory_turns",
    metadata,
    Column("turn", Integer, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("place", String(200), nullable=False),
    Column("chat", String(200), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("person", String(200), nullable=False),
    Column("name", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("asked", LargeBinary, nullable=False),
    Column("answered", LargeBinary, nullable=False),
    Column("frame", Integer, ForeignKey("memory_summaries.id", ondelete="SET NULL")),
    Index("memory_turns_by_chat", "chat", "turn"),
    Index("memory_turns_by_person", "person", "turn"),
    Index("memory_turns_by_frame", "frame"),
    Index(
        "memory_turns_to_summarise", "place", "turn", sqlite_where=text("frame IS NULL"), postgresql_where=text("frame IS NULL")
    ),
)
"""A turn that memory has taken note of: the keys of its words (see `bot.memory.recall`), and the one frame it is part of."""

memory_items = Table(
    "memory_items",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("person", String(200), nullable=False),
    Column("chat", String(200), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("about", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("times", Integer, nullable=False),
    Column("replaced_by", Integer, ForeignKey("memory_items.id", ondelete="SET NULL")),
    Column("replaced_at", Float),
    Index("memory_items_by_person", "person", "chat"),
    Index("memory_items_by_newer", "replaced_by"),
)
"""Something a person said of themselves. `replaced_at` is set on what is history; `replaced_by` says for what."""

memory_item_turns = Table(
    "memory_item_turns",
    metadata,
    Column("item", Integer, ForeignKey("memory_items.id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Index("memory_item_turns_by_turn", "turn"),
)

memory_places = Table(
    "memory_places",
    metadata,
    Column("place", String(200), primary_key=True),
    Column("chat", String(200), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("person", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("made_of", JSON, nullable=False),
    Column("at", Float, nullable=False),
    Column("window_from", Float, nullable=False),
    Index("memory_places_by_chat", "chat"),
)
"""The summary of a place, the ids of the summaries it is made of, and since when what was said is part of its window."""

memory_off = Table(
    "memory_off", metadata, Column("person", String(200), primary_key=True), Column("chat", String(200), primary_key=True)
)
"""Who wants nothing remembered, and in which chat; an empty chat means everywhere."""
