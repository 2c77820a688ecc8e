"""Flashcards, schedules, reviews, learners' settings, and quizzes of one person and of groups."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "cards",
        sa.Column("vault", sa.String(100), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("heading", sa.JSON, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("section", sa.String(32), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
    )
    op.create_index("cards_in_order", "cards", ["vault", "state", "path", "start", "id"])
    op.create_index("cards_by_section", "cards", ["vault", "state", "section", "id"])
    op.create_table(
        "schedules",
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("card", sa.String(64), primary_key=True),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer),
        sa.Column("stability", sa.Double),
        sa.Column("difficulty", sa.Double),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_review", sa.DateTime(timezone=True)),
        sa.Column("lapses", sa.Integer, nullable=False),
        sa.Column("suspended", sa.String(12), nullable=False),
    )
    op.create_index("schedules_by_due", "schedules", ["person", "suspended", "due"])
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("card", sa.String(64), nullable=False),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer),
        sa.Column("was", sa.Integer, nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
    )
    op.create_index("reviews_by_person", "reviews", ["person", "at"])
    op.create_table(
        "learners",
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("new_per_day", sa.Integer, nullable=False),
        sa.Column("retention", sa.Double, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("remind_at", sa.String(5), nullable=False),
        sa.Column("reminded_on", sa.String(10), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("chat", sa.String(100), nullable=False),
        sa.Column("thread", sa.String(100), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
    )
    op.create_index("learners_to_remind", "learners", ["remind_at"])
    op.create_table(
        "quiz_sessions",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("vault", sa.String(100), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("phase", sa.String(12), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("queue", sa.JSON, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("correct", sa.Integer, nullable=False),
        sa.Column("suggested", sa.Integer, nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("tally", sa.JSON, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("quiz_sessions_by_person", "quiz_sessions", ["person", "place", "phase"])
    op.create_table(
        "group_rounds",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("vault", sa.String(100), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("chat", sa.String(100), nullable=False),
        sa.Column("thread", sa.String(100), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("phase", sa.String(12), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("queue", sa.JSON, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("correct", sa.Integer, nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("group_rounds_by_place", "group_rounds", ["place", "phase"])
    op.create_index("group_rounds_by_phase", "group_rounds", ["phase"])
    op.create_table(
        "group_answers",
        sa.Column("round", sa.String(16), sa.ForeignKey("group_rounds.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("choice", sa.Integer, nullable=False),
        sa.Column("correct", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
