"""Copies of the database: whole while others write, verified before they take its place, and safe from a kill."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.storage import TurnStore
from bot.storage.backup import BackupProblem, back_up, dump_command, restore
from tests.bot.making import HOME, answer, citation, question

Rows = dict[str, set[tuple[object, ...]]]


@contextmanager
def writing(file: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.bot.storage.writing_process", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def rows(file: Path, *, upto: int) -> Rows:
    """What was recorded with the first turns."""
    with closing(sqlite3.connect(file)) as database:
        turns = database.execute("SELECT * FROM turns WHERE id <= ?", (upto,))
        return {"turns": set(turns), "citations": set(database.execute("SELECT * FROM citations WHERE turn <= ?", (upto,)))}


def newest(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute("SELECT max(id) FROM turns").fetchone()[0])


async def filled(file: Path, words: str = "粥要煮多久？") -> None:
    state = await TurnStore.open_file(file)
    await state.record(question(words), answer("一小时 [1]。", citation()))
    await state.close()


async def asked(file: Path) -> list[str]:
    state = await TurnStore.open_file(file)
    turns = await state.recent_turns(HOME, 5)
    await state.close()
    return [turn.asked for turn in turns]


def test_a_copy_made_under_load_is_what_there_was_at_one_moment(data: Path, tmp_path: Path) -> None:
    live = data / "state.sqlite"
    copies = [tmp_path / f"copy{number}.sqlite" for number in range(4)]
    with writing(live) as process:
        for copy in copies:
            back_up(live, copy)
            assert process.stdout
            process.stdout.readline()
    for copy in copies:
        put_back = tmp_path / "elsewhere" / copy.name
        put_back.parent.mkdir(exist_ok=True)
        assert restore(copy, put_back) is None
        last = newest(put_back)
        assert rows(put_back, upto=10**9) == rows(live, upto=last)
        assert len(rows(put_back, upto=last)["citations"]) == 2 * last
    assert newest(copies[0]) < newest(copies[-1])


async def test_what_was_there_before_is_kept_beside(data: Path, tmp_path: Path) -> None:
    live, copy = data / "state.sqlite", tmp_path / "copy.sqlite"
    await filled(live)
    back_up(live, copy)
    await filled(live, "茶呢？")
    kept = [restore(copy, live) for _ in range(2)]
    assert await asked(live) == ["粥要煮多久？"]
    assert kept[0] != kept[1]
    assert kept[0]
    assert await asked(kept[0]) == ["粥要煮多久？", "茶呢？"]
    assert oct(copy.stat().st_mode)[-3:] == "600"


async def test_a_damaged_database_gives_way_to_its_copy(data: Path, tmp_path: Path) -> None:
    live, copy = data / "state.sqlite", tmp_path / "copy.sqlite"
    await filled(live)
    back_up(live, copy)
    for damage in (b"\xaa" * live.stat().st_size, b"", live.read_bytes()[:4096] + b"\xaa" * 40_000):
        live.write_bytes(damage)
        kept = restore(copy, live)
        assert kept
        assert kept.read_bytes() == damage
        assert await asked(live) == ["粥要煮多久？"]


@pytest.mark.parametrize("damage", [b"", b"# a note\n" * 1000, b"SQLite format 3\x00" + b"\xaa" * 5000])
async def test_what_is_no_whole_copy_changes_nothing(data: Path, tmp_path: Path, damage: bytes) -> None:
    live, copy = data / "state.sqlite", tmp_path / "copy.sqlite"
    await filled(live)
    copy.write_bytes(damage)
    with pytest.raises(BackupProblem, match=r"copy\.sqlite"):
        restore(copy, live)
    assert await asked(live) == ["粥要煮多久？"]
    assert [file.name for file in data.iterdir() if "draft" in file.name] == []


async def test_a_copy_with_damaged_pages_or_of_a_newer_version_is_refused(data: Path, tmp_path: Path) -> None:
    live, copy = data / "state.sqlite", tmp_path / "copy.sqlite"
    await filled(live)
    back_up(live, copy)
    pages = bytearray(copy.read_bytes())
    pages[4096 * 10 : 4096 * 12] = b"\xaa" * 8192
    (tmp_path / "torn.sqlite").write_bytes(pages)
    with pytest.raises(BackupProblem):
        restore(tmp_path / "torn.sqlite", live)
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BackupProblem, match="newer notesbot"):
        restore(copy, live)
    assert await asked(live) == ["粥要煮多久？"]


async def test_a_file_copied_alone_is_told_from_a_whole_one(data: Path, tmp_path: Path) -> None:
    live = data / "state.sqlite"
    state = await TurnStore.open_file(live)
    await state.record(question("粥？"), answer("一小时。"))
    for name in ("state.sqlite", "state.sqlite-wal"):
        (tmp_path / name).write_bytes((data / name).read_bytes())
    await state.close()
    (tmp_path / "alone.sqlite").write_bytes((tmp_path / "state.sqlite").read_bytes())
    with pytest.raises(BackupProblem, match="may be empty"):
        restore(tmp_path / "alone.sqlite", tmp_path / "new.sqlite")
    restore(tmp_path / "state.sqlite", tmp_path / "new.sqlite")
    assert await asked(tmp_path / "new.sqlite") == ["粥？"]


async def test_a_database_that_somebody_has_open_stays(data: Path, tmp_path: Path) -> None:
    live, copy = data / "state.sqlite", tmp_path / "copy.sqlite"
    await filled(live)
    back_up(live, copy)
    state = await TurnStore.open_file(live)
    await state.last_answer(HOME)
    with pytest.raises(BackupProblem, match="has it open"):
        restore(copy, live)
    await state.close()
    assert restore(copy, live)


def test_a_server_is_named_its_own_program_without_the_password() -> None:
    command = dump_command("postgresql+psycopg://notes:secret@db.example:5433/notesbot", Path("a.dump"))
    assert command == "pg_dump --format=custom --file=a.dump 'postgresql://notes@db.example:5433/notesbot'"
