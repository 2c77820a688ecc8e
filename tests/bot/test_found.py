"""Faults that were found while the tests were written: each test fails until its fault is mended, then moves to its file."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

import prompts
from bot.assistant import Assistant
from bot.conversation import cited, pack, without_unknown
from bot.messages import Answer, AnswerState, language_of
from bot.platforms.terminal.drawing import Screen
from bot.state import State
from knowledge.notebook import Notebook
from tests.bot.cli.running import Program
from tests.bot.making import citation, hit, indexed, question, write
from tests.fakes.ollama import QWEN, FakeOllama
from tests.prompts.test_prompts import ENTRIES, said_by_prefix, said_in_code

RICE = "米饭要煮多久？"


async def last(assistant: Assistant, asked: str) -> Answer:
    return [one async for one in assistant.ask(question(asked))][-1]


# bot.model


# bot.assistant, bot.conversation, bot.messages


async def test_notes_that_are_only_headings_do_not_break_the_answer(vault: Path, data: Path, state: State) -> None:
    """No sentence can be quoted, and `citations[0]` raises IndexError."""
    write(vault, {"plan.md": "# 米饭\n\n## 面条\n"})
    notebook = indexed(vault, data)
    said = await last(Assistant(notebook=notebook, state=state, model=None), "米饭")
    notebook.close()
    assert said.state in (AnswerState.EXCERPTS, AnswerState.ABSTAINED)


@pytest.mark.parametrize("asked", ["量子计算机什么时候能破解加密？", "Who won the chess tournament?"])
async def test_a_question_about_something_else_is_not_answered_from_the_notes(
    notebook: Notebook, state: State, asked: str
) -> None:
    """Nothing is floored: the vectors always name some passage, so `abstained` is true in an empty vault only."""
    said = await last(Assistant(notebook=notebook, state=state, model=None), asked)
    assert (said.state, said.citations) == (AnswerState.ABSTAINED, ())


async def test_when_the_notes_do_not_say_the_nearest_headings_are_shown(notebook: Notebook, state: State) -> None:
    """`abstained` means `not hits`, so there never is a hit left to show the heading of."""
    said = await last(Assistant(notebook=notebook, state=state, model=None), "量子计算机什么时候能破解加密？")
    assert said.text.startswith(prompts.load("texts").say("abstained", "zh"))
    assert prompts.load("texts").say("nearest", "zh") in said.text


def test_a_long_question_does_not_push_the_prompt_over_the_window() -> None:
    """A question pasted with its whole background leaves no room for the passage that is given anyway."""
    hits = [hit("米饭要煮二十分钟。" * 40)]
    prompt = pack("背景" * 1500, turns=[], hits=hits, window=4096, answer_tokens=700, language="zh", length="normal")
    assert prompt.tokens + 700 <= 4096


# bot.state


# bot.settings


# bot.platforms.terminal, prompts


@pytest.mark.parametrize("text", ["一个 :warning: 标签", "> 比例是 1:100:200", ":x: 和 :zap:"])
def test_what_is_printed_for_a_pipe_is_not_rewritten(text: str) -> None:
    """Rich replaces emoji names even with `markup=False`: an excerpt is then not word for word."""
    out = io.StringIO()
    Screen(Console(file=out, width=80), "zh").page(text)
    assert out.getvalue() == text + "\n"


def test_no_entry_of_the_prompt_files_is_unused() -> None:
    """`goodbye` is said nowhere."""
    said = {one.name for one in said_in_code()}
    unused = [f"{file}: {name}" for file, name in ENTRIES if name not in said and not name.startswith(tuple(said_by_prefix()))]
    assert unused == []


# bot.cli


@pytest.fixture
def run(tmp_path: Path) -> Program:
    return Program(folder=tmp_path)


@pytest.fixture
def where(notes: Path, data: Path) -> tuple[str | Path, ...]:
    return ("--notes", notes, "--data", data)


async def test_an_empty_file_of_questions_is_no_traceback(run: Program, where: tuple[str | Path, ...]) -> None:
    """`next(questions)` raises StopIteration inside a coroutine: RuntimeError, in `ask` and in `search`."""
    write(run.folder, {"q.jsonl": "\n"})
    for ran in await asyncio.gather(*(run(command, "--questions", "q.jsonl", *where) for command in ("ask", "search"))):
        assert "Traceback" not in ran.err
        assert ran.err.count("\n") <= 1


async def test_a_question_that_is_null_is_no_question(run: Program, where: tuple[str | Path, ...]) -> None:
    """It is answered as the word `None`."""
    write(run.folder, {"q.jsonl": '{"id": "1", "question": null}\n'})
    ran = await run("search", "--json", "--questions", "q.jsonl", *where)
    assert (ran.code, ran.out) == (2, "")


async def test_history_is_told_as_it_was_said(run: Program, where: tuple[str | Path, ...], ollama: FakeOllama) -> None:
    """The line after a user's line becomes the assistant's, whoever said it; and two questions with one id share a history."""
    twice = [
        {"role": "user", "content": "绿茶"},
        {"role": "user", "content": "泡多久？"},
        {"role": "assistant", "content": "两分钟。"},
    ]
    asked = [{"id": "a", "question": "那水温呢？", "history": twice}, {"id": "a", "question": "那红茶呢？", "history": twice[1:]}]
    write(run.folder, {"q.jsonl": "".join(json.dumps(one) + "\n" for one in asked)})
    model = {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url}
    await run("ask", "--json", "--questions", "q.jsonl", *where, **model)
    first, second = ([(said["role"], said["content"]) for said in chat.messages[1:-1]] for chat in ollama.chats)
    assert ("assistant", "泡多久？") not in first
    assert second == [("user", "泡多久？"), ("assistant", "两分钟。")]


async def test_an_unknown_log_level_ends_with_2_and_names_the_variable(run: Program, where: tuple[str | Path, ...]) -> None:
    """`logging.basicConfig` raises ValueError."""
    ran = await run("search", RICE, *where, NOTESBOT_LOG="verbose")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "NOTESBOT_LOG" in ran.err


async def test_a_reader_that_leaves_ends_the_version_quietly(run: Program) -> None:
    """`notesbot --version | true` shows a traceback."""
    ran = await asyncio.gather(*(run.shell(f"notesbot --version | {reader}") for reader in ("true", "sleep 0", "true")))
    assert [one.err for one in ran] == [""] * 3


async def test_words_that_are_no_text_end_with_2(run: Program, where: tuple[str | Path, ...]) -> None:
    """Bytes of another encoding on the command line: UnicodeEncodeError with a traceback."""
    ran = await run("ask", "--json", b"\xc3\xd7\xb7\xb9".decode("utf-8", "surrogateescape"), *where)
    assert "Traceback" not in ran.err


async def test_a_file_instead_of_a_notes_folder_is_said_to_be_no_folder(run: Program, notes: Path, data: Path) -> None:
    """It says that `tea.md/.notesbotignore` cannot be read: "mend or remove it"."""
    ran = await run("search", RICE, "--notes", notes / "tea.md", "--data", data)
    assert (ran.code, ran.err) == (2, f"notesbot: not a folder: {notes / 'tea.md'} (name the folder that holds your notes)\n")


async def test_a_chat_that_ends_while_the_notes_are_read_ends_well_and_keeps_the_index(
    run: Program, vault: Path, data: Path
) -> None:
    """`close` takes the catalog from under the thread that indexes: exit code 139 or 1, or the index thrown away."""
    write(vault, {f"{n}.md": f"# 笔记 {n}\n\n" + f"第 {n} 条写的是注意力机制与位置编码。" * 20 for n in range(80)})
    folders = (data / "1", data / "2")
    await asyncio.gather(*(run("index", "--notes", vault, "--data", folder) for folder in folders))
    for _ in range(3):
        chats = (run("chat", vault, "--data", folder, typed="/quit\n") for folder in folders)
        assert [(ran.code, ran.err) for ran in await asyncio.gather(*chats)] == [(0, "")] * 2
