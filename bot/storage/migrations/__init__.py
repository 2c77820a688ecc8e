"""Migrations: `upgrade` brings a database to the tables of `schema.py`. One file in `versions/` a change."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from bot.storage.schema import metadata


class UnknownRevision(Exception):
    """The database has seen migrations that this program does not have."""


def upgrade(connection: Connection) -> None:
    """Make the tables of a new database, or run the migrations that this one has not seen yet.

    Raises:
        UnknownRevision: it was migrated by a newer program, or by one from before the baseline.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    try:
        if connection.dialect.has_table(connection, "alembic_version"):
            command.upgrade(config, "head")
        else:
            metadata.create_all(connection, checkfirst=False)
            command.stamp(config, "head")
    except CommandError as error:
        raise UnknownRevision(str(error)) from error
