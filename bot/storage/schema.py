"""Tables of turns, access, settings and memory: what a new database gets; `migrations/` brings older ones to them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
    true,
)

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """A time in UTC that says so, also where the database (SQLite) keeps no time zone. One without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


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
    Column("at", Moment, nullable=False),
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

feedback = Table(
    "feedback",
    metadata,
    Column("answer_id", String(32), ForeignKey("turns.answer_id", ondelete="CASCADE"), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("good", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("bot", String(100), nullable=False),
    Column("place", String(200), nullable=False),
    Column("chat", String(200), nullable=False),
    Column("message", String(100), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("shown", Integer, nullable=False),
    Column("said", Moment, nullable=False),
    Column("taken", Moment, nullable=False),
    Index("events_by_state", "bot", "state", "taken"),
    Index("events_by_message", "chat", "message"),
)

sent = Table(
    "sent",
    metadata,
    Column("bot", String(100), primary_key=True),
    Column("chat", String(200), primary_key=True),
    Column("message", String(100), primary_key=True),
    Column("event", String(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("answer", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Index("sent_by_event", "event", "position"),
    Index("sent_by_age", "at"),
)

admitted = Table(
    "admitted",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("id", String(100), primary_key=True),
    Column("allowed", Boolean, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", Moment, nullable=False),
)

pairings = Table(
    "pairings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("salt", String(32), nullable=False),
    Column("hash", String(128), nullable=False),
    Column("grants", String(10), nullable=False),
    Column("until", Moment, nullable=False),
    Column("used_by", String(200), nullable=False),
)

tallies = Table(
    "tallies",
    metadata,
    Column("what", String(20), primary_key=True),
    Column("who", String(200), primary_key=True),
    Column("period", String(20), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("until", Moment, nullable=False),
    Index("tallies_by_age", "until"),
)

place_settings = Table(
    "place_settings",
    metadata,
    Column("place", String(200), primary_key=True),
    Column("settings", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

quotes = Table(
    "quotes",
    metadata,
    Column("turn", Integer, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("person", String(200), nullable=False),
    Column("name", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Index("quotes_by_person", "person"),
)
"""Somebody's words that another person's question is about; `person` is empty where the platform does not say whose they are."""

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("place", String(200), nullable=False),
    Column("language", String(2), nullable=False),
    Column("at", Moment, nullable=False),
)


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
