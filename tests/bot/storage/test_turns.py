from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import threading
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import StateProblem, TurnStore
from bot.types import Answer, AnswerState, Place, Receipt
from tests.bot.making import HOME, answer, citation, question

ELSEWHERE = Place(platform="telegram", chat="-100", private=False)
REPOSITORY = Path(__file__).parents[3]
RECORD_MANY = """
import asyncio, sys
from pathlib import Path
from bot.storage import TurnStore
from tests.bot.making import answer, citation, question

async def main(file, name):
    state = await TurnStore.open_file(Path(file))
    for number in range(25):
        await state.record(question(f"{name} {number}"), answer(f"{number}", citation()))
    await state.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def problem_of(file: Path) -> str:
    """Why a database cannot be opened; the driver's thread is waited for, which says goodbye to the event loop."""
    with pytest.raises(StateProblem) as caught:
        await TurnStore.open_file(file)
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)
    return str(caught.value)


async def asked(state: TurnStore, place: Place = HOME, limit: int = 100) -> list[str]:
    return [turn.asked for turn in await state.recent_turns(place, limit)]


# Turns


async def test_a_turn_is_kept_as_it_was_said(state: TurnStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    kept = await state.record(question("米饭要煮多久？"), answer("二十分钟 [1]。\r\n", citation()))
    (turn,) = await state.recent_turns(HOME, 5)
    assert (turn.answer_id, turn.person) == (kept.id, "terminal:ann")
    assert (turn.asked, turn.answered) == ("米饭要煮多久？", "二十分钟 [1]。\r\n")
    assert before < turn.at < before + timedelta(minutes=1)
    assert turn.at.tzinfo is UTC


async def test_the_answer_comes_back_with_the_id_that_it_is_kept_under(state: TurnStore) -> None:
    first = await state.record(question("一"), answer("1"))
    second = await state.record(question("二"), answer("2"))
    given = await state.record(question("三"), Answer(state=AnswerState.MODEL, text="3", id="mine"))
    assert first.text == "1"
    assert len({first.id, second.id, given.id, ""}) == 4
    assert given.id == "mine"


async def test_recent_turns_are_the_latest_ones_and_the_oldest_of_them_comes_first(state: TurnStore) -> None:
    for number in range(5):
        await state.record(question(f"问 {number}"), answer())
    assert await asked(state, limit=3) == ["问 2", "问 3", "问 4"]
    assert await asked(state) == [f"问 {number}" for number in range(5)]


async def test_a_place_does_not_hear_what_is_said_in_another(state: TurnStore) -> None:
    thread = Place(platform="telegram", chat="-100", thread="5", private=False)
    other_thread = Place(platform="telegram", chat="-100", thread="6", private=False)
    same_number = Place(platform="discord", chat="-100", private=False)
    places = [HOME, ELSEWHERE, thread, other_thread, same_number]
    for place in places:
        await state.record(question(f"在 {place.key}", place=place), answer("答", citation(text=place.key)))
    for place in places:
        assert await asked(state, place) == [f"在 {place.key}"]
        answer_id = await state.last_answer_with_sources(place)
        assert [source.text for source in await state.sources(answer_id)] == [place.key]


async def test_a_place_where_nothing_was_said_has_no_turns(state: TurnStore) -> None:
    assert await state.recent_turns(HOME, 5) == ()
    assert await state.last_answer_with_sources(HOME) == ""
    assert await state.last_answer_with_sources() == ""


async def test_the_receipt_is_kept_with_the_turn(state: TurnStore, data: Path) -> None:
    receipt = Receipt(searched="米饭", found=3, used=("p1", "p2"), model="qwen3:8b", search_ms=1.5, total_ms=9.0)
    await state.record(question("米饭？"), Answer(state=AnswerState.MODEL, text="答", receipt=receipt))
    with sqlite3.connect(data / "state.sqlite") as database:
        ((kept, how),) = database.execute("SELECT receipt, state FROM turns").fetchall()
    database.close()
    assert how == "model"
    told = {name: value for name, value in json.loads(kept).items() if value}
    assert told == {"searched": "米饭", "found": 3, "used": ["p1", "p2"], "model": "qwen3:8b", "search_ms": 1.5, "total_ms": 9.0}
    assert await state.receipt(await state.last_answer(HOME)) == receipt


# Sources


async def test_sources_come_back_as_they_were_given_and_in_their_order(state: TurnStore) -> None:
    first = citation(1, heading=(), text="原文\r\n  第二行 😀", title="", note_digest="d")
    second = citation(2, path="深/处/笔记.md", heading=("一", "二 › 三"), lines=(10, 12), start=100, end=222)
    kept = await state.record(question("问"), answer("答", second, first))
    assert await state.sources(kept.id) == (first, second)


async def test_an_unknown_answer_has_no_sources(state: TurnStore) -> None:
    await state.record(question("问"), answer("答", citation()))
    assert await state.sources("unknown") == ()
    assert await state.sources("") == ()


async def test_the_last_answer_with_sources_is_not_the_last_answer(state: TurnStore) -> None:
    await state.record(question("一"), answer("答", citation()))
    wanted = await state.record(question("二"), answer("答", citation(1), citation(2)))
    await state.record(question("三"), answer("没有来源"))
    await state.record(question("四", place=ELSEWHERE), answer("答", citation()))
    assert await state.last_answer_with_sources(HOME) == wanted.id


async def test_the_last_answer_is_looked_for_in_all_places_that_are_named(state: TurnStore) -> None:
    here = await state.record(question("一"), answer("答", citation()))
    there = await state.record(question("二", place=ELSEWHERE), answer("答", citation()))
    assert await state.last_answer_with_sources(HOME, ELSEWHERE) == there.id
    newest = await state.record(question("三"), answer("答", citation()))
    assert await state.last_answer_with_sources(HOME, ELSEWHERE) == newest.id
    assert here.id != newest.id


async def test_a_turn_whose_sources_cannot_be_kept_is_not_kept_either(state: TurnStore) -> None:
    with pytest.raises(StateProblem, match=r"(?i)unique"):
        await state.record(question("问"), answer("答", citation(1), citation(1)))
    assert await asked(state) == []
    await state.record(question("又问"), answer("答", citation(1)))
    assert await asked(state) == ["又问"]


# The file


async def test_everything_is_there_after_a_restart(data: Path) -> None:
    file = data / "state.sqlite"
    first = await TurnStore.open_file(file)
    kept = await first.record(question("问"), answer("答", citation()))
    await first.close()
    second = await TurnStore.open_file(file)
    assert await asked(second) == ["问"]
    assert await second.sources(kept.id) == (citation(),)
    await second.close()


async def test_two_objects_on_one_file_see_one_another_and_lose_nothing(state: TurnStore, data: Path) -> None:
    other = await TurnStore.open_file(data / "state.sqlite")
    writers = [
        one.record(question(f"{name} {number}"), answer(f"{number}", citation(1), citation(2)))
        for number in range(25)
        for name, one in (("甲", state), ("乙", other))
    ]
    kept = await asyncio.gather(*writers)
    wanted = {f"{name} {number}" for name in "甲乙" for number in range(25)}
    assert set(await asked(state)) == set(await asked(other)) == wanted
    assert [len(await state.sources(one.id)) for one in kept] == [2] * 50
    await other.close()


async def test_three_processes_may_begin_a_database_and_write_to_it_at_once(data: Path) -> None:
    file = data / "state.sqlite"

    async def write(name: str) -> tuple[int | None, str]:
        command = (sys.executable, "-c", RECORD_MANY, str(file), name)
        process = await asyncio.create_subprocess_exec(*command, cwd=REPOSITORY, stderr=asyncio.subprocess.PIPE)
        _, said = await process.communicate()
        return process.returncode, said.decode()

    assert await asyncio.gather(*(write(name) for name in "甲乙丙")) == [(0, "")] * 3
    state = await TurnStore.open_file(file)
    turns = await asked(state)
    assert set(turns) == {f"{name} {number}" for name in "甲乙丙" for number in range(25)}
    for name in "甲乙丙":
        assert [turn for turn in turns if turn.startswith(name)] == [f"{name} {number}" for number in range(25)]
    await state.close()


async def test_a_reader_and_a_writer_do_not_wait_for_one_another(state: TurnStore, data: Path) -> None:
    await state.record(question("一"), answer())
    other = sqlite3.connect(data / "state.sqlite", isolation_level=None)
    async with asyncio.timeout(10):
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE turns SET asked = 'changed'")
        assert await asked(state) == ["一"]
        other.execute("ROLLBACK")
        other.execute("BEGIN")
        other.execute("SELECT * FROM turns").fetchall()
        await state.record(question("二"), answer())
        assert await asked(state) == ["一", "二"]
    other.close()


async def test_a_migration_waits_for_another_program_that_writes(data: Path) -> None:
    data.mkdir()
    other = sqlite3.connect(data / "state.sqlite", isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE theirs (x)")
    opening = asyncio.create_task(TurnStore.open_file(data / "state.sqlite"))
    assert not (await asyncio.wait([opening], timeout=0.7))[0]
    other.execute("COMMIT")
    other.close()
    state = await opening
    assert await asked(state) == []
    await state.close()


async def test_a_state_in_memory_is_kept_while_it_is_open() -> None:
    state = await TurnStore.open("sqlite://")
    await state.record(question("问"), answer("答", citation()))
    assert await asked(state) == ["问"]
    await state.close()


async def test_a_file_that_is_no_database_is_named_and_left_alone(data: Path) -> None:
    data.mkdir()
    file = data / "state.sqlite"
    file.write_text("these are my shopping notes, not a database\n" * 50, encoding="utf-8")
    said = await problem_of(file)
    assert said.startswith(f"{file}: file is not a database (it is no database: put a backup in its place with")
    assert "\n" not in said
    assert file.read_text(encoding="utf-8").startswith("these are my shopping notes")


async def test_a_folder_where_the_database_should_be_is_a_problem(data: Path) -> None:
    (data / "state.sqlite").mkdir(parents=True)
    assert "state.sqlite: unable to open database file (it cannot be opened: " in await problem_of(data / "state.sqlite")


async def test_a_data_folder_that_cannot_be_made_is_a_problem_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    said = await problem_of(tmp_path / "data" / "deeper" / "state.sqlite")
    assert said.startswith(str(tmp_path / "data"))
    assert "choose another folder with --data" in said


@pytest.mark.parametrize("name", ["what?", "a?mode=memory", "a b#c%20d", "笔记"])
async def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / "state.sqlite"
    state = await TurnStore.open_file(file)
    await state.record(question("米饭？"), answer())
    await state.close()
    assert file.is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


async def test_an_address_that_is_none_is_a_problem_that_does_not_show_it() -> None:
    for url in ("state.sqlite", "nosuch://ann:secret@there/db", "postgresql+nosuch://ann:secret@there/db"):
        with pytest.raises(StateProblem, match="the address of the database cannot be used") as caught:
            await TurnStore.open(url)
        assert "secret" not in str(caught.value)


# A file that is damaged, and what is said about it


def damage(file: Path, *, change: str) -> None:
    database = sqlite3.connect(file)
    database.execute(change)
    database.commit()
    database.close()


async def test_a_database_that_is_damaged_is_a_problem_that_names_the_file_and_no_words_of_people(data: Path) -> None:
    file = data / "state.sqlite"
    state = await TurnStore.open_file(file)
    for _ in range(20):
        kept = await state.record(question("问" * 500), answer("答" * 500, citation(text="长" * 2000)))
    await state.close()
    pages = bytearray(file.read_bytes())
    whole = len(pages) * 2 // 3
    pages[whole:] = b"\xaa" * (len(pages) - whole)
    file.write_bytes(pages)
    damaged = await TurnStore.open_file(file)
    reads = (damaged.recent_turns(HOME, 6), damaged.sources(kept.id), damaged.record(question("问" * 50), answer("答" * 50)))
    for said in await asyncio.gather(*reads, return_exceptions=True):
        assert isinstance(said, StateProblem)
        assert str(said).startswith(f"{file}: ")
        assert not set(str(said)) & set("问答长")
        assert "\n" not in str(said)
        assert "问" not in "".join(traceback.format_exception(said))
    await damaged.close()


@pytest.mark.parametrize("change", ["UPDATE turns SET asked = CAST(x'e997ffe997' AS TEXT)", "DROP TABLE turns"])
async def test_turns_that_cannot_be_read_are_a_problem(state: TurnStore, data: Path, change: str) -> None:
    await state.record(question("问" * 50), answer())
    damage(data / "state.sqlite", change=change)
    with pytest.raises(StateProblem, match=r"state\.sqlite: ") as caught:
        await state.recent_turns(HOME, 6)
    assert "问" not in str(caught.value)


async def test_sources_that_cannot_be_read_are_a_problem(state: TurnStore, data: Path) -> None:
    kept = await state.record(question("问"), answer("答", citation()))
    damage(data / "state.sqlite", change="UPDATE citations SET heading = '[\"问'")
    with pytest.raises(StateProblem, match=r"state\.sqlite: "):
        await state.sources(kept.id)


async def test_words_that_are_no_text_are_a_problem_and_are_not_kept(state: TurnStore) -> None:
    with pytest.raises(StateProblem, match="is no text"):
        await state.record(question("问\ud800"), answer())
    assert await asked(state) == []


async def test_a_full_disk_is_said_with_the_remedy_loses_nothing_and_passes(state: TurnStore) -> None:
    """SQLite's limit of pages stands for the disk's: https://www.sqlite.org/pragma.html#pragma_max_page_count."""
    kept = [(await state.record(question(f"问 {n}"), answer("答", citation()))).id for n in range(3)]
    pages = await state.database.read(lambda connection: int(connection.exec_driver_sql("PRAGMA page_count").scalar_one()))
    await state.database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}").close())
    with pytest.raises(StateProblem, match=r"database or disk is full \(free some space, or choose another folder with --data\)"):
        for n in range(2000):
            kept.append((await state.record(question(f"问 {n}"), answer("答" * 999, citation()))).id)
    await state.database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages * 1000}").close())
    kept.append((await state.record(question("又问"), answer("又答", citation()))).id)
    assert [turn.answer_id for turn in await state.recent_turns(HOME, 5000)] == kept
