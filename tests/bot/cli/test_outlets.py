"""Nothing that a note, a model or a person wrote reaches a terminal, a pipe or a log as something that is obeyed there."""

from __future__ import annotations

import ast
import io
import json
import logging
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from bot.__main__ import main
from bot.app import _begin_log
from bot.markup import printable
from bot.platforms.terminal.renderer import Screen, console
from tests.bot.making import write

BOT = Path(__file__).parents[3] / "bot"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SEQUENCES = (
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\x1b]52;c;ZXZpbA==\x1b\\",
    "\x9b31m",
    "\x1bP1$r\x1b\\",
    "\u202egnp.exe",
    "\x08\x08",
    "\r",
    "\x7f",
)
OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")
"""Colours, and the links that the terminal renderer makes of Markdown's."""

PIECES = (*SEQUENCES, "词", "word ", "\n\n", "# ", "- ", "[a](https://e.org/)", "`", "|")
hostile = st.lists(st.sampled_from(PIECES), min_size=1).map("".join)


@given(text=hostile | st.text())
def test_what_is_printable_holds_nothing_that_is_obeyed(text: str) -> None:
    assert not OBEYED.search(printable(text))
    assert printable(printable(text)) == printable(text)
    printable(text).encode()


@given(text=hostile, is_terminal=st.booleans())
def test_whatever_is_drawn_is_clean_but_for_our_own_colours(text: str, is_terminal: bool) -> None:
    screen = Screen(console(), "zh")
    screen.console.file = io.StringIO()
    screen.console._force_terminal = is_terminal
    screen.page(text)
    screen.console.print(Text(text), style="yellow")
    screen.console.print(text, markup=False)
    drawn = screen.console.file.getvalue()
    assert not OBEYED.search(OWN.sub("", drawn) if is_terminal else drawn)


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_every_command_prints_clean_lines(
    vault: Path, data: Path, sequence: str, form: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    said = f"量化（quantization{sequence}）把权重存成八位。{sequence}[x](https://e.org/{sequence})"
    write(vault, {"a.md": f"# 量化{sequence}\n\n{said}\n"})
    write(vault, {f"b{sequence.replace('/', '')}.md": "---\ntitle: [\n---\n量化二"})
    where = ["--notes", str(vault), "--data", str(data)]
    for command in (["index"], ["search", f"量化{sequence}"], ["ask", f"量化{sequence}是什么"], ["aliases"]):
        main([*command, *form, *where])
    for command in (["source"], ["source", "1"], ["doctor"]):
        main([*command, *where])
    printed = capfd.readouterr()
    assert "量化" in printed.out
    assert not OBEYED.search(printed.out + printed.err)
    if form:
        assert any(isinstance(json.loads(line), dict) for line in printed.out.splitlines() if line.startswith("{"))


def test_no_line_is_printed_that_was_not_cleaned() -> None:
    """`print` takes what went through `printable`, or JSON with its signs escaped, or what only we write."""
    ours = {"question_files.py", "__main__.py"}
    files = [file for file in BOT.rglob("*.py") if file.name not in ours]
    nodes = [(file.name, node) for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    prints = [(name, node) for name, node in nodes if isinstance(node, ast.Call) and is_name(node.func, "print")]
    assert prints
    assert [f"{name}:{node.lineno}" for name, node in prints if not all(is_cleaned(argument) for argument in node.args)] == []


def is_cleaned(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Call) and is_name(argument.func, "printable")


def is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def test_logs_are_clean_and_at_debug_hold_nothing_that_libraries_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESBOT_LOG", "debug")
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.INFO)
    _begin_log()
    try:
        logging.getLogger("bot.some").debug("told: %s", "".join(SEQUENCES))
        for library in ("aiosqlite", "openai._base_client", "telegram.Bot", "discord.http", "httpcore", "langchain"):
            logging.getLogger(library).debug("a person said: secret words")
    finally:
        for own in ("bot", "knowledge", "prompts"):
            logging.getLogger(own).setLevel(logging.NOTSET)
    assert "told" in written.getvalue()
    assert "secret words" not in written.getvalue()
    assert not OBEYED.search(written.getvalue())
