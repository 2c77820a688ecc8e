"""Reminders that ended because the person could not be reached: they are told when they can be."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("learners") as table:
        table.add_column(sa.Column("unreached", sa.String(5), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("learners") as table:
        table.drop_column("unreached")
