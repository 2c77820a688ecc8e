"""From nothing, and from a database of the baseline, to the tables of today."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect

from bot.storage import StateProblem, TurnStore, migrations
from bot.storage.database import REVISION
from bot.storage.schema import metadata


def script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return ScriptDirectory.from_config(config)


def schema(connection: Connection) -> dict[str, Any]:
    """Every table as the database itself describes it."""
    there = inspect(connection)
    return {
        table: {
            "columns": [{**column, "type": repr(column["type"])} for column in there.get_columns(table)],
            "primary key": there.get_pk_constraint(table),
            "foreign keys": there.get_foreign_keys(table),
            "indexes": [_in_words(index) for index in there.get_indexes(table)],
            "unique": there.get_unique_constraints(table),
        }
        for table in sorted(there.get_table_names())
        if table != "alembic_version"
    }


def _in_words(index: Any) -> dict[str, str]:
    """The condition of a partial index is an object that is equal to itself only."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def tables_in(file: Path) -> set[str]:
    database = sqlite3.connect(file)
    names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.close()
    return names - {"sqlite_sequence"}


async def test_a_new_database_has_the_tables_of_today(data: Path, tmp_path: Path) -> None:
    await (await TurnStore.open_file(data / "state.sqlite")).close()
    engine, wanted = create_engine(f"sqlite:///{data / 'state.sqlite'}"), create_engine(f"sqlite:///{tmp_path / 'wanted.sqlite'}")
    metadata.create_all(wanted)
    with engine.connect() as made, wanted.connect() as should:
        assert schema(made) == schema(should)
        assert compare_metadata(MigrationContext.configure(made, opts={"compare_type": True}), metadata) == []
    engine.dispose()
    wanted.dispose()


async def test_the_comparison_would_see_a_difference(data: Path, tmp_path: Path) -> None:
    wanted = create_engine(f"sqlite:///{tmp_path / 'wanted.sqlite'}")
    metadata.create_all(wanted)
    with wanted.begin() as connection:
        before = schema(connection)
        connection.exec_driver_sql("DROP INDEX turns_by_place")
        assert schema(connection) != before
    wanted.dispose()


def test_the_revision_that_the_store_expects_is_the_newest_one() -> None:
    assert script().get_current_head() == REVISION


def test_the_migrations_are_one_line_without_branches() -> None:
    revisions = list(script().walk_revisions())
    assert revisions[-1].down_revision is None
    assert [revision.down_revision for revision in revisions[:-1]] == [revision.revision for revision in revisions[1:]]


async def test_the_database_says_which_revision_it_is(state: TurnStore, data: Path) -> None:
    database = sqlite3.connect(data / "state.sqlite")
    assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISION,)]
    database.close()


async def test_a_migration_that_fails_half_way_leaves_nothing_behind(data: Path) -> None:
    data.mkdir()
    file = data / "state.sqlite"
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE citations (somebody TEXT)")  # the second table that the migration makes
    database.commit()
    database.close()
    with pytest.raises(StateProblem, match="table citations already exists"):
        await TurnStore.open_file(file)
    assert tables_in(file) == {"citations"}


async def test_a_database_of_today_is_opened_without_a_migration(data: Path) -> None:
    file = data / "state.sqlite"
    await (await TurnStore.open_file(file)).close()
    before = tables_in(file)
    await (await TurnStore.open_file(file)).close()
    assert tables_in(file) == before == {"alembic_version", *metadata.tables}


def test_a_database_of_the_baseline_is_brought_to_the_tables_of_today(tmp_path: Path) -> None:
    """Once there is a migration, this test has to begin with the tables of the baseline rather than with those of today."""
    assert [revision.revision for revision in script().walk_revisions()] == ["0007"]
    old = create_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    with old.begin() as connection:
        metadata.create_all(connection)
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0007')")
        before = schema(connection)
        migrations.upgrade(connection)
        assert schema(connection) == before
    old.dispose()


async def test_a_database_from_before_the_baseline_is_said_to_be_one(data: Path) -> None:
    file = data / "state.sqlite"
    await (await TurnStore.open_file(file)).close()
    database = sqlite3.connect(file)
    database.execute("UPDATE alembic_version SET version_num = '0003'")
    database.commit()
    with pytest.raises(StateProblem, match="made by an early notesbot, from before its first release"):
        await TurnStore.open_file(file)
    database.close()


async def test_a_database_of_a_newer_program_is_a_problem_with_a_remedy_and_stays_as_it_is(data: Path) -> None:
    file = data / "state.sqlite"
    await (await TurnStore.open_file(file)).close()
    database = sqlite3.connect(file)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    with pytest.raises(StateProblem) as caught:
        await TurnStore.open_file(file)
    assert str(caught.value) == f"{file}: made by a newer notesbot; install that, or use another --data folder"
    assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    database.close()
