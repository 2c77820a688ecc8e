"""Runs suites on a PostgreSQL server in the place of SQLite: `POSTGRES_URL=postgresql+psycopg://… pytest -p tests.postgres DIR`.

Every file that a test opens as a database is a schema of its own on the server, which is dropped at the end. Tests that look
into the SQLite file itself are skipped.
"""

from __future__ import annotations

import inspect
import os
from hashlib import blake2b
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from bot.storage import Database

LOOKS_INTO_THE_FILE = (
    "sqlite3 sqlite: PRAGMA is_file read_bytes run( processes tables_in words_in rows_of _rows_about damage( problem_of count("
    " memory_killed memory_probes back_up( restore( left( reader( erasures. owe) HOLDING"
).split()
schemas: set[str] = set()


def server() -> URL:
    return make_url(os.environ["POSTGRES_URL"])


def url_of(file: Path) -> URL:
    """The address of the schema that stands for a file; made if need be."""
    schema = f"t{blake2b(str(file).encode(), digest_size=8).hexdigest()}"
    if schema not in schemas:
        schemas.add(schema)
        do(f"CREATE SCHEMA {schema}")
    return server().update_query_dict({"options": f"-csearch_path={schema}"})


def do(*statements: str) -> None:
    engine = create_engine(server())
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(autouse=True)
def _on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def open_file(file: Path) -> Database:
        return await Database.open(url_of(file))

    monkeypatch.setattr(Database, "open_file", open_file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        source = inspect.getsource(item.function) if isinstance(item, pytest.Function) else ""
        if any(word in source for word in LOOKS_INTO_THE_FILE):
            item.add_marker(pytest.mark.skip(reason="looks into the SQLite file"))


def pytest_runtest_teardown() -> None:
    while schemas:
        do(f"DROP SCHEMA {schemas.pop()} CASCADE")
