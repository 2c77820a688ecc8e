"""Faults that were found while the tests were written: each test fails until its fault is mended, then moves to its file."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import shlex
import sqlite3
import warnings
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage
from rich.console import Console

import prompts
from bot.assistant import Assistant
from bot.conversation import cited, pack, without_unknown
from bot.messages import Answer, AnswerState, language_of
from bot.model import ModelUnavailable, OllamaModel, OllamaServer
from bot.platforms.terminal.drawing import Screen
from bot.settings import Model, SettingsProblem, load_settings
from bot.state import State, StateProblem
from knowledge.notebook import Notebook
from tests.bot.cli.running import Program
from tests.bot.making import HOME, NOTES, answer, citation, hit, indexed, question, write
from tests.fakes.ollama import CHAT, LLAMA, QWEN, SHOW, TAGS, FakeOllama, Reply, Trouble
from tests.prompts.test_prompts import ENTRIES, said_by_prefix, said_in_code

pytestmark = [pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"), pytest.mark.usefixtures("connections_left_open")]

RICE = "米饭要煮多久？"


async def said_by(ollama: FakeOllama, name: str = QWEN.name, **settings: object) -> str:
    """What a model of this server answers, thoughts left out."""
    model = OllamaModel(Model(**{"name": name, "url": ollama.url, **settings}))  # type: ignore[arg-type]
    return "".join([piece async for piece in model.stream([HumanMessage(RICE)])])


async def last(assistant: Assistant, asked: str) -> Answer:
    return [one async for one in assistant.ask(question(asked))][-1]


def resource_warnings(caught: list[warnings.WarningMessage]) -> list[str]:
    return [str(warning.message) for warning in caught if warning.category is ResourceWarning]


# bot.model


async def test_a_model_that_does_not_think_writes_answers_too(ollama: FakeOllama) -> None:
    """`reasoning=True` goes out as `think: true`, which Ollama refuses with 400 for every model that cannot think."""
    ollama.always("二十分钟。")
    assert await said_by(ollama, LLAMA.name) == "二十分钟。"


async def test_what_a_model_thinks_takes_nothing_from_its_answer(ollama: FakeOllama) -> None:
    """Thoughts count against `num_predict`: a model that thinks 900 tokens long has none left of 700 and says nothing."""
    ollama.always(Reply(text="二十分钟。", thinking="想" * 900))
    assert await said_by(ollama) == "二十分钟。"


@pytest.mark.parametrize("path", [CHAT, SHOW])
async def test_an_error_page_of_a_proxy_is_said_in_plain_words(ollama: FakeOllama, path: str) -> None:
    """The whole web page becomes the message, and with it the first line of the answer."""
    ollama.always(Reply(trouble=Trouble.BAD_GATEWAY), to=path)
    with pytest.raises(ModelUnavailable) as caught:
        await said_by(ollama)
    assert "<" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", [CHAT, SHOW, TAGS])
@pytest.mark.parametrize("reply", [Reply(trouble=Trouble.ODD_LINE), Reply(instead={"status": "ok"})])
async def test_json_that_is_not_ollamas_makes_the_model_unavailable(ollama: FakeOllama, path: str, reply: Reply) -> None:
    """AttributeError, TypeError and pydantic's ValidationError get through; `doctor` ends with a traceback."""
    ollama.always(reply, to=path)
    with pytest.raises(ModelUnavailable):
        await (OllamaServer(ollama.url, timeout_s=5).models() if path == TAGS else said_by(ollama))


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://[", "http://ollama:port"])
async def test_an_address_that_is_none_is_refused_or_unavailable(url: str, tmp_path: Path) -> None:
    """ValueError from the library ends `ask` and `doctor` with a traceback."""
    write(tmp_path, {"notesbot.yaml": f"model: {{name: m, url: '{url}'}}\n"})

    async def ask() -> None:
        settings = load_settings(tmp_path / "notesbot.yaml")
        await OllamaServer(settings.model.url, timeout_s=1).models()

    with pytest.raises((SettingsProblem, ModelUnavailable)):
        await ask()


async def test_a_pause_within_silence_s_is_no_failure_when_the_first_word_may_take_less(ollama: FakeOllama) -> None:
    """The client's read timeout is `first_token_s`, so a longer pause later ends the answer though `silence_s` allows it."""
    ollama.always(Reply(text="一二三", trouble=Trouble.DEAD_AIR, after=1))
    answering = asyncio.create_task(said_by(ollama, first_token_s=0.3, silence_s=30))
    asked = await ollama.wait_for()
    await asyncio.wait([asyncio.create_task(asked.hung_up.wait())], timeout=1)
    ollama.resume()
    assert await answering == "一二三"


@pytest.mark.parametrize("keep_alive", ["300", "-1", "for ever"])
async def test_a_duration_is_taken_by_ollama_or_refused_as_a_setting(ollama: FakeOllama, tmp_path: Path, keep_alive: str) -> None:
    """Every text is a valid `model.keep_alive`; Ollama then refuses every single question with 400."""
    write(tmp_path, {"notesbot.yaml": f"model: {{keep_alive: '{keep_alive}'}}\n"})
    ollama.always("二十分钟。")
    try:
        settings = load_settings(tmp_path / "notesbot.yaml")
    except SettingsProblem as problem:
        assert "model.keep_alive" in str(problem)  # noqa: PT017 - one of two good ends
        return
    assert await said_by(ollama, keep_alive=settings.model.keep_alive) == "二十分钟。"


async def test_what_is_asked_of_a_server_leaves_no_connection_open(ollama: FakeOllama) -> None:
    """`OllamaServer` makes a client for each question and closes none."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await OllamaServer(ollama.url, timeout_s=5).models()
        await OllamaServer(ollama.url, timeout_s=5).window(QWEN.name)
        gc.collect()
    assert resource_warnings(caught) == []


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


@pytest.mark.parametrize(
    "asked",
    ["Transformer 的 attention 是什么？", "Retrieval-Augmented Generation 是什么？", "怎么用 LangChain 接 Ollama embeddings"],
)
def test_a_chinese_question_that_names_english_terms_is_chinese(asked: str) -> None:
    """Letters are counted, so a long English name outweighs the Chinese words around it and the answer is English."""
    assert language_of(asked) == "zh"


def test_code_in_an_answer_keeps_its_brackets() -> None:
    """`xs[0]` loses its index, and `xs[1]` counts as a source."""
    text = "列表的第一个是 `xs[0]` [1]。\n\n```python\nfirst, third = xs[0], xs[2]\n```"
    assert without_unknown(text, 3) == text
    assert [source.n for source in cited(text, [citation(n) for n in (1, 2, 3)])] == [1]


def test_a_long_question_does_not_push_the_prompt_over_the_window() -> None:
    """A question pasted with its whole background leaves no room for the passage that is given anyway."""
    hits = [hit("米饭要煮二十分钟。" * 40)]
    prompt = pack("背景" * 1500, turns=[], hits=hits, window=4096, answer_tokens=700, language="zh", length="normal")
    assert prompt.tokens + 700 <= 4096


# bot.state


async def test_a_database_of_a_newer_program_is_a_problem_and_no_traceback(data: Path) -> None:
    """Alembic's CommandError is no SQLAlchemyError and gets through; `doctor` ends with a traceback too."""
    await (await State.open_file(data / "state.sqlite")).close()
    database = sqlite3.connect(data / "state.sqlite")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    with pytest.raises(StateProblem, match=r"state\.sqlite"):
        await State.open_file(data / "state.sqlite")


@pytest.mark.parametrize("name", ["what?", "a?mode=memory"])
async def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """The path is put into a URL as it is: the database lands in a file named by what stands before the `?`."""
    file = tmp_path / name / "state.sqlite"
    state = await State.open_file(file)
    await state.record(question(RICE), answer())
    await state.close()
    assert file.is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


async def test_a_database_that_is_damaged_is_a_problem_and_no_traceback(data: Path) -> None:
    """Only `open` turns SQLAlchemy's errors into ours; the traceback of the others shows the question and the answer."""
    state = await State.open_file(data / "state.sqlite")
    for _ in range(20):
        await state.record(question("问" * 500), answer("答" * 500, citation(text="长" * 2000)))
    await state.close()
    pages = bytearray((data / "state.sqlite").read_bytes())
    pages[8 * 4096 :] = b"\xaa" * (len(pages) - 8 * 4096)
    (data / "state.sqlite").write_bytes(pages)
    damaged = await State.open_file(data / "state.sqlite")
    try:
        with pytest.raises(StateProblem):
            await damaged.recent_turns(HOME, 6)
    finally:
        await damaged.close()


async def test_the_time_of_a_turn_has_a_time_zone(state: State) -> None:
    """SQLite gives it back without one, PostgreSQL with one; the two cannot be compared with one another."""
    await state.record(question(RICE), answer())
    (turn,) = await state.recent_turns(HOME, 1)
    assert turn.at.tzinfo is not None


# bot.settings


@pytest.mark.parametrize(
    ("variable", "value", "key"),
    [("MODEL", "qwen3:8b", "model"), ("NOTES", "/home/ann/notes", "notes"), ("NOTES__IGNORE", "drafts/", "notes")],
)
def test_a_variable_that_is_no_json_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, value: str, key: str
) -> None:
    """`NOTESBOT_MODEL=qwen3:8b` raises pydantic's SettingsError, which is no ValidationError: a traceback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"NOTESBOT_{variable}", value)
    with pytest.raises(SettingsProblem, match=key) as caught:
        load_settings()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["2026: notes\n", "yes: 1\n", "null: 1\n"])
def test_a_key_that_is_no_word_is_named_in_one_line(tmp_path: Path, text: str) -> None:
    """`Settings(**values)` raises TypeError."""
    write(tmp_path, {"notesbot.yaml": text})
    with pytest.raises(SettingsProblem, match=r"notesbot\.yaml: "):
        load_settings(tmp_path / "notesbot.yaml")


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As compose files pass on what is not set; now `NOTESBOT_DATA=` means the working folder, and so do the notes."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATA", "NOTES__FOLDER"):
        monkeypatch.setenv(f"NOTESBOT_{name}", "")
    settings = load_settings()
    assert (settings.data, settings.notes.folder) == (None, None)


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


async def test_what_doctor_says_to_type_can_be_typed(run: Program, tmp_path: Path) -> None:
    """Folders with blanks are printed without quotes."""
    notes = write(tmp_path / "my notes", NOTES)
    ran = await run("doctor", "--notes", notes, "--data", tmp_path / "my data")
    (line,) = [line for line in ran.out.splitlines() if "notesbot index" in line]
    words = shlex.split(line[line.index("notesbot index") :])
    assert words == ["notesbot", "index", "--notes", str(notes), "--data", str(tmp_path / "my data")]


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
