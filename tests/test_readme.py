"""Every block and table of the two READMEs and of the pages of settings, run or compared with the code."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import COMMANDS, parser
from bot.app import SAMPLES
from bot.commands.registry import BY_NAME
from bot.settings import Settings, load_settings
from tests.conftest import REPOSITORY
from tests.fakes.ollama import FakeOllama

READMES = ("README.md", "README.zh.md")
SETTINGS = (".github/settings.md", ".github/settings.zh.md")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
OF_THE_TERMINAL = {"good", "bad", "again", "1", "quit"}
ANOTHER_PROGRAM = ("python3 -m venv", "ollama pull", ". .venv")


def text_of(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def blocks(name: str, kind: str) -> list[str]:
    return [content for language, content in FENCE.findall(text_of(name)) if language == kind]


@pytest.mark.parametrize("kind", ["sh", "text", "python"])
def test_the_two_readmes_have_the_same_blocks(kind: str) -> None:
    english, chinese = ([re.sub(r"^ +", "", block, flags=re.MULTILINE) for block in blocks(name, kind)] for name in READMES)
    assert english == chinese


def test_the_two_readmes_tell_the_same_things() -> None:
    english, chinese = (re.findall(r"^#{2,3} ", text_of(name), re.MULTILINE) for name in READMES)
    assert english == chinese
    for start in ("notesbot chat", "/ask"):
        assert len(_table(READMES[0], start)) == len(_table(READMES[1], start))


def _table(name: str, start: str) -> list[str]:
    return [line for line in text_of(name).splitlines() if line.startswith(f"| `{start.split()[0]}")]


@pytest.mark.parametrize("name", READMES)
def test_each_line_for_the_shell_is_one_that_the_program_takes(name: str) -> None:
    lines = [line.strip() for block in blocks(name, "sh") for line in block.splitlines()]
    ours = [line for line in lines if not line.startswith(ANOTHER_PROGRAM)]
    assert len(ours) > 4
    for line in ours:
        words = [word for word in shlex.split(line) if not re.match(r"NOTESBOT_\w+=", word)]
        assert words[0] == "notesbot"
        parser().parse_args(words[1:])


@pytest.mark.parametrize("name", READMES)
def test_the_table_of_commands_has_every_command_and_only_options_that_there_are(name: str) -> None:
    shown: dict[str, str] = {}
    for line in _table(name, "notesbot "):
        command = line.removeprefix("| `notesbot ").split("`")[0].split()[0]
        shown[command] = shown.get(command, "") + line
    assert shown.keys() == COMMANDS.keys()
    for command, line in shown.items():
        for option in re.findall(r"`(--?[a-z-]+)", line):
            assert option in _help_of(command), (command, option)


def _help_of(command: str) -> str:
    sub = next(action for action in parser()._actions if action.dest == "command")
    return str(sub.choices[command].format_help())  # type: ignore[index, union-attr]


@pytest.mark.parametrize("name", READMES)
def test_the_table_of_what_one_says_in_a_chat_has_every_command(name: str) -> None:
    table = [line for line in text_of(name).splitlines() if line.startswith("| `/")]
    named = {word for line in table for word in re.findall(r"`/(\w+)", line.split(" | ")[0])}
    assert named == BY_NAME.keys() | OF_THE_TERMINAL


@pytest.mark.parametrize("name", SETTINGS)
def test_the_settings_that_are_shown_load_and_are_all_there_are(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = blocks(name, "yaml")
    file = tmp_path / "notesbot.yaml"
    file.write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    load_settings()
    shown = set(re.findall(r"^(\w+):", block, re.MULTILINE))
    assert shown == Settings.model_fields.keys()
    for section, field in Settings.model_fields.items():
        part = block[block.index(f"\n{section}:") if f"\n{section}:" in block else 0 :].split("\n", 2)[-1]
        part = re.split(r"^\w", part, maxsplit=1, flags=re.MULTILINE)[0]
        keys = set(re.findall(r"^  (\w+):", part, re.MULTILINE))
        assert keys == set(getattr(field.annotation, "model_fields", {})) - {"token"}, section


def test_what_is_shown_differs_from_the_defaults_only_where_it_is_an_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "notesbot.yaml"
    file.write_text(blocks(SETTINGS[0], "yaml")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    shown = load_settings().model_dump()
    file.unlink()
    usual = load_settings().model_dump()
    different = {
        f"{section}.{key}" if isinstance(values, dict) else section
        for section, values in usual.items()
        for key in (values if isinstance(values, dict) else [""])
        if (values[key] != shown[section][key] if isinstance(values, dict) else values != shown[section])
    }
    assert different == {"notes.folder", "notes.ignore", "model.name", "telegram.token_file", "telegram.admins"}


def test_both_pages_of_settings_say_the_same() -> None:
    english, chinese = (re.sub(r" *#.*", "", blocks(name, "yaml")[0]) for name in SETTINGS)
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_the_aliases_that_are_shown_are_read(name: str, tmp_path: Path) -> None:
    (block,) = blocks(name, "yaml")
    (tmp_path / "aliases.yaml").write_text(block, encoding="utf-8")
    (tmp_path / "a.md").write_text("# 思维链\n\n先想后答。\n", encoding="utf-8")
    ran = _program(["aliases", "--notes", str(tmp_path), "--data", str(tmp_path / "data")])
    assert "chain of thought" in ran


def test_the_conversation_that_is_shown_is_what_the_program_says(tmp_path: Path) -> None:
    """A line that ends in … may go on."""
    (transcript,) = (block for block in blocks("README.md", "text") if block.startswith("›"))
    said = [line.removeprefix("› ") for line in transcript.splitlines() if line.startswith("› ")]
    printed = iter(_program(["chat", "--data", str(tmp_path)], "".join(f"{line}\n" for line in said)).splitlines())
    for line in transcript.splitlines():
        if line and not line.startswith("› "):
            assert any(one == line or (line.endswith("…") and one.startswith(line[:-1])) for one in printed), line


async def test_the_lines_for_other_programs_run_as_a_script(tmp_path: Path) -> None:
    (block,) = blocks("README.md", "python")
    assert len(block.splitlines()) <= 11
    (tmp_path / "mine.py").write_text(block, encoding="utf-8")
    shutil.copytree(SAMPLES, tmp_path / "notes")
    async with FakeOllama() as ollama:
        ollama.always("因为第一遍检索不够准。")
        environment = {**os.environ, "OLLAMA_HOST": ollama.url, "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"}
        command = (sys.executable, "mine.py")
        script = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE)
        printed = (await script.communicate())[0].decode().splitlines()
    assert printed[0].startswith("rag.md [")
    assert printed[-1] == "因为第一遍检索不够准。"
    (told,) = ollama.chats
    assert "交叉编码器" in str(told.messages)


def _program(words: list[str], typed: str = "") -> str:
    environment = {**os.environ, "NOTESBOT_LANGUAGE": "zh", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "bot", *words]
    ran = subprocess.run(command, input=typed, env=environment, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return ran.stdout
