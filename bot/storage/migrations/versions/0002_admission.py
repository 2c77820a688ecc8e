"""Inbound events and what was sent for them; who may use the bot; what is counted; what a place has chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("bot", sa.String(100), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("chat", sa.String(200), nullable=False),
        sa.Column("message", sa.String(100), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("said", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("events_by_state", "events", ["bot", "state", "taken"])
    op.create_index("events_by_message", "events", ["chat", "message"])
    op.create_table(
        "sent",
        sa.Column("bot", sa.String(100), primary_key=True),
        sa.Column("chat", sa.String(200), primary_key=True),
        sa.Column("message", sa.String(100), primary_key=True),
        sa.Column("event", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("sent_by_event", "sent", ["event", "position"])
    op.create_index("sent_by_age", "sent", ["at"])
    op.create_table(
        "admitted",
        sa.Column("platform", sa.String(20), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "pairings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("hash", sa.String(128), nullable=False),
        sa.Column("grants", sa.String(10), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "tallies",
        sa.Column("what", sa.String(20), primary_key=True),
        sa.Column("who", sa.String(200), primary_key=True),
        sa.Column("period", sa.String(20), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("tallies_by_age", "tallies", ["until"])
    op.create_table(
        "place_settings",
        sa.Column("place", sa.String(200), primary_key=True),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
