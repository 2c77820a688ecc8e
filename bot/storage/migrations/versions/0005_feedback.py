"""What people think of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column(
            "answer_id", sa.String(32), sa.ForeignKey("turns.answer_id", ondelete="CASCADE"), primary_key=True, nullable=False
        ),
        sa.Column("person", sa.String(200), primary_key=True, nullable=False),
        sa.Column("good", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("feedback")
