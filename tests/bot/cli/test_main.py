from __future__ import annotations

import asyncio
import json
import re
import tomllib
from pathlib import Path

import pytest

from bot.__main__ import COMMANDS
from tests.bot.cli.running import REPOSITORY, Program
from tests.bot.making import write

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


async def test_help_lists_every_command(run: Program) -> None:
    ran = await run("--help", cold=True)
    assert (ran.code, ran.err) == (0, "")
    for name, (_, summary) in COMMANDS.items():
        assert re.search(rf"^ +{name} +{re.escape(summary)}", ran.out, re.MULTILINE)


async def test_the_version_is_that_of_the_project(run: Program) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ran = await run("--version", cold=True)
    assert (ran.code, ran.out) == (0, f"notesbot {project['version']}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), ""),
        (("dance",), "invalid choice: 'dance'"),
        (("search", "-k", "0", "x"), "argument -k: '0' is not a number above 0"),
        (("search", "-k", "many", "x"), "argument -k: 'many' is not a number above 0"),
        (("ask", "--sentences", "-1", "x"), "argument --sentences"),
        (("ask", "--colour", "x"), "unrecognized arguments: --colour"),
    ],
)
async def test_wrong_usage_ends_with_2(run: Program, words: tuple[str, ...], said: str) -> None:
    ran = await run(*words)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


async def test_every_command_has_help_of_its_own(run: Program) -> None:
    ran = await asyncio.gather(*(run(name, "--help") for name in COMMANDS))
    for (name, (_, summary)), one in zip(COMMANDS.items(), ran, strict=True):
        assert one.code == 0
        assert f"notesbot {name} " in one.out
        assert summary.capitalize()[:40] in one.out


async def test_every_command_runs_from_a_cold_start(run: Program, where: tuple[str | Path, ...], notes: Path, data: Path) -> None:
    words = {"index": where, "ask": ("米饭", *where), "search": ("米饭", *where), "source": where, "doctor": where}
    words["chat"] = (notes, "--data", data)
    words["aliases"] = where
    words["export"] = ("feedback", "--data", data)
    words["eval"] = ("questions.jsonl", *where)
    words |= {"pair": ("--data", data), "quiz": where, "enrich": (*where, "--limit", "1"), "cards": where}
    words |= {"backup": ("copy", "--data", data), "restore": ("before", "--data", run.folder / "restored")}
    serving = {"run", "watch"}  # these go on until they are stopped
    asked = {"question": "米饭要煮多久？", "file": "cooking/rice.md", "evidence": ["再煮二十分钟"]}
    write(run.folder, {"questions.jsonl": json.dumps(asked, ensure_ascii=False)})
    assert words.keys() | serving == COMMANDS.keys()
    for needed in (("index", *where), ("pair", "--data", data), ("backup", "before", "--data", data)):
        await run(*needed)
    for name, ran in zip(
        words, await asyncio.gather(*(run(name, *more, cold=True) for name, more in words.items())), strict=True
    ):
        assert ran.code == {"quiz": 1, "enrich": 2, "cards": 2}.get(name, 0), name  # notes too short for a card; no model
        assert "Traceback" not in ran.err, name
        assert ran.err.count("\n") == int(name in ("enrich", "cards", "export")), name


@pytest.mark.parametrize("platform", ["telegram", "discord"])
def test_a_token_stands_in_the_readme_as_a_variable_only(platform: str) -> None:
    assert f"NOTESBOT_{platform.upper()}__TOKEN" in README
    assert not re.search(r"^  token:", README, re.MULTILINE)
