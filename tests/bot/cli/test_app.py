"""What every command does when something that it needs is missing or wrong: one line, and the exit code."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.bot.cli.running import Program, Ran
from tests.bot.making import write

Where = tuple[str | Path, ...]


def assert_one_line(ran: Ran, code: int, *parts: str) -> None:
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert ran.err.startswith("notesbot: ")
    assert ran.err.count("\n") == 1, ran.err
    for part in parts:
        assert part in ran.err


async def test_output_that_cannot_take_the_answer_ends_with_one_line(run: Program, notes: Path, data: Path) -> None:
    ran = await run("search", "米饭", "--notes", notes, "--data", data, cold=True, PYTHONIOENCODING="ascii")
    assert_one_line(ran, 1, "ascii", "PYTHONIOENCODING=utf-8")


async def test_a_notes_folder_that_is_missing_is_named_with_the_remedy(run: Program, tmp_path: Path, data: Path) -> None:
    said = f"no such folder: {tmp_path / 'gone'} (name the folder that holds your notes: --notes FOLDER)"
    index = run("index", "--notes", "gone", "--data", data / "1")
    for ran in await asyncio.gather(index, run("chat", "gone", "--data", data / "2")):
        assert_one_line(ran, 2, said)


async def test_a_file_instead_of_a_notes_folder_is_said_to_be_no_folder(run: Program, notes: Path, data: Path) -> None:
    ran = await run("search", "米饭", "--notes", notes / "tea.md", "--data", data)
    assert_one_line(ran, 2, f"not a folder: {notes / 'tea.md'} (name the folder that holds your notes)")


async def test_an_unknown_log_level_ends_with_2_and_names_the_variable(run: Program, where: Where) -> None:
    wrong, none = await asyncio.gather(
        run("search", "米饭", *where, NOTESBOT_LOG="verbose"), run("search", "--json", "米饭", *where, NOTESBOT_LOG="")
    )
    assert_one_line(wrong, 2, "NOTESBOT_LOG: there is no level 'verbose' (debug, info, warning, error, critical)")
    assert (none.code, none.err) == (0, "")


async def test_a_wrong_setting_ends_every_command_with_one_line_that_names_it(run: Program, where: Where) -> None:
    wrong = {
        "notesbot.yaml": "modle: {}\n",
        "length.yaml": "answer: {length: endless}\n",
        "broken.yaml": "model: {name: [\n",
        "good.yaml": "language: en\n",
    }
    write(run.folder, wrong)
    unknown, value, broken, missing, variable = await asyncio.gather(
        run("search", "米饭", *where),
        run("index", "--config", "length.yaml", *where),
        run("doctor", "--config", "broken.yaml", *where),
        run("ask", "米饭", "--config", "gone.yaml", *where),
        run("chat", "--config", "good.yaml", NOTESBOT_ANSWER__PASSAGES="99"),
    )
    assert_one_line(unknown, 2, "notesbot.yaml: modle: there is no such setting")
    assert_one_line(value, 2, "length.yaml: answer.length: ", "NOTESBOT_ANSWER__LENGTH")
    assert_one_line(broken, 2, "broken.yaml: line 2: while parsing")
    assert_one_line(missing, 2, "gone.yaml: no such file")
    assert_one_line(variable, 2, "answer.passages", "99", "NOTESBOT_ANSWER__PASSAGES")


async def test_a_database_that_cannot_be_used_ends_with_1(run: Program, notes: Path, data: Path) -> None:
    write(data, {"state.sqlite": "shopping list\n" * 100, "file": "x"})
    no_database, no_folder = await asyncio.gather(
        run("ask", "米饭", "--notes", notes, "--data", data),
        run("ask", "米饭", "--notes", notes, "--data", data / "file" / "deeper"),
    )
    assert_one_line(no_database, 1, f"{data / 'state.sqlite'}: file is not a database")
    assert_one_line(no_folder, 1, str(data / "file" / "deeper"), "choose another folder with --data")


async def test_what_the_command_line_says_goes_before_the_settings(run: Program, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "notesbot.yaml").write_text("data: from-file\nnotes: {folder: gone}\n", encoding="utf-8")
    ran = await run("search", "--json", "米饭", "--notes", notes, "--data", "from-words")
    assert ran.code == 0
    assert ran.objects[0]["passages"]
    assert (tmp_path / "from-words").is_dir()
    assert not (tmp_path / "from-file").exists()


async def test_notes_and_data_can_come_from_the_settings(run: Program, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "notesbot.yaml").write_text(f"data: kept\nnotes: {{folder: {notes}, ignore: [tea.md]}}\n", encoding="utf-8")
    ran = await run("index", "--json")
    assert (ran.code, ran.objects[0]["notes"]) == (0, 1)
    assert (tmp_path / "kept" / "notes").is_dir()


async def test_by_default_data_lie_in_the_users_data_folder_and_nothing_is_written_elsewhere(
    run: Program, notes: Path, tmp_path: Path
) -> None:
    before = {file: file.stat().st_mtime_ns for file in notes.rglob("*")}
    assert (await run("ask", "米饭", "--notes", notes)).code == 0
    assert (tmp_path / "xdg" / "notesbot" / "state.sqlite").is_file()
    assert {file.name for file in tmp_path.iterdir()} == {"notes", "xdg"}
    assert {file: file.stat().st_mtime_ns for file in notes.rglob("*")} == before


async def test_without_notes_the_samples_are_read(run: Program, data: Path) -> None:
    ran = await run("search", "--json", "什么是 RAG？", "--data", data)
    assert ran.code == 0
    assert ran.objects[0]["passages"][0]["path"] == "rag.md"


async def test_the_interface_speaks_as_set_or_as_the_locale(run: Program, where: Where) -> None:
    said = {
        "第 5–9 行": ({"LC_ALL": "zh_CN.UTF-8"}, {"LC_ALL": "", "LANG": "zh_TW.UTF-8"}),
        "lines 5–9": ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "zh_CN.UTF-8", "NOTESBOT_LANGUAGE": "en"}),
    }
    for words, environments in said.items():
        runs = (run("search", "-k", "1", "炒饭", *where, PYTHONUTF8="1", **more) for more in environments)
        for ran in await asyncio.gather(*runs):
            assert ran.out.splitlines()[0] == f"1. `cooking/rice.md` 米饭 › 炒饭 ({words})"


async def test_a_reader_that_leaves_ends_the_command_quietly(run: Program, notes: Path) -> None:
    write(run.folder, {"many.jsonl": '{"question": "米饭要煮多久？"}\n' * 60})
    lines = (
        "notesbot ask --json --questions many.jsonl --notes notes --data 1 | head -1",
        "notesbot search 米饭 --notes notes --data 2 | true",
        "notesbot index --notes notes --data 3 | true",
        "notesbot --version | true",
    )
    for line, ran in zip(lines, await asyncio.gather(*map(run.shell, lines)), strict=True):
        assert ran.err == "", line
        assert ran.out.count("\n") <= 1, line
