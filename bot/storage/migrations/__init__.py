"""Migrations: `upgrade` brings a database to the tables of `schema.py`. One file in `versions/` a change."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection


class UnknownRevision(Exception):
    """The database has seen migrations that this program does not have."""


def upgrade(connection: Connection) -> None:
    """Run the migrations that the database has not seen yet.

    Raises:
        UnknownRevision: it was migrated by a newer program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise UnknownRevision(str(error)) from error
