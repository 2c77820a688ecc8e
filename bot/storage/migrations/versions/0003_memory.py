"""Memory: who spoke where, what was said of oneself, and summaries of what was said."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _tell_turns_apart()
    _create_summaries()
    _create_turns()
    _create_items()
    _create_places()


def _tell_turns_apart() -> None:
    """Turns of before count as private: that is the narrowest scope, and nobody can tell any more."""
    op.add_column("turns", sa.Column("name", sa.String(64), nullable=False, server_default=""))
    op.add_column("turns", sa.Column("chat", sa.String(200), nullable=False, server_default=""))
    op.add_column("turns", sa.Column("private", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("turns", sa.Column("noted", sa.Integer, nullable=False, server_default=sa.text("0")))
    place, chat = sa.column("place", sa.String), sa.column("chat", sa.String)
    op.execute(sa.table("turns", place, chat).update().values(chat=place))
    op.create_index("turns_by_person", "turns", ["person", "id"])
    unseen = sa.text("noted = 0")
    op.create_index("turns_to_note", "turns", ["id"], sqlite_where=unseen, postgresql_where=unseen)


def _create_summaries() -> None:
    op.create_table(
        "memory_summaries",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *_scope("place"),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("first_at", sa.Float, nullable=False),
        sa.Column("last_at", sa.Float, nullable=False),
        sa.Column("parent", sa.Integer, sa.ForeignKey("memory_summaries.id", ondelete="SET NULL")),
    )
    op.create_index("memory_summaries_by_place", "memory_summaries", ["place", "level", "id"])
    op.create_index("memory_summaries_by_parent", "memory_summaries", ["parent"])


def _create_turns() -> None:
    op.create_table(
        "memory_turns",
        sa.Column("turn", sa.Integer, sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        *_scope("place"),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("asked", sa.LargeBinary, nullable=False),
        sa.Column("answered", sa.LargeBinary, nullable=False),
        sa.Column("frame", sa.Integer, sa.ForeignKey("memory_summaries.id", ondelete="SET NULL")),
    )
    op.create_index("memory_turns_by_chat", "memory_turns", ["chat", "turn"])
    op.create_index("memory_turns_by_person", "memory_turns", ["person", "turn"])
    op.create_index("memory_turns_by_frame", "memory_turns", ["frame"])
    alone = sa.text("frame IS NULL")
    op.create_index("memory_turns_to_summarise", "memory_turns", ["place", "turn"], sqlite_where=alone, postgresql_where=alone)


def _create_items() -> None:
    op.create_table(
        "memory_items",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person", sa.String(200), nullable=False),
        *_scope(),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("about", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("replaced_by", sa.Integer, sa.ForeignKey("memory_items.id", ondelete="SET NULL")),
        sa.Column("replaced_at", sa.Float),
    )
    op.create_index("memory_items_by_person", "memory_items", ["person", "chat"])
    op.create_index("memory_items_by_newer", "memory_items", ["replaced_by"])
    op.create_table(
        "memory_item_turns",
        sa.Column("item", sa.Integer, sa.ForeignKey("memory_items.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("turn", sa.Integer, sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("memory_item_turns_by_turn", "memory_item_turns", ["turn"])


def _create_places() -> None:
    op.create_table(
        "memory_places",
        sa.Column("place", sa.String(200), primary_key=True),
        *_scope(),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_of", sa.JSON, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("window_from", sa.Float, nullable=False),
    )
    op.create_index("memory_places_by_chat", "memory_places", ["chat"])
    op.create_table(
        "memory_off", sa.Column("person", sa.String(200), primary_key=True), sa.Column("chat", sa.String(200), primary_key=True)
    )


def _scope(*more: str) -> tuple[sa.Column[Any], ...]:
    names = (sa.Column(name, sa.String(200), nullable=False) for name in (*more, "chat"))
    return (*names, sa.Column("private", sa.Boolean, nullable=False))
