"""The tables as they were when migrations began; a new database gets those of `schema.py` at once and skips all of this."""

revision = "0007"
down_revision = None


def upgrade() -> None:
    """A database of this revision has them."""
