"""Whole conversations: lines go in as a person would type them; what is drawn is looked at."""

from __future__ import annotations

import asyncio
import io
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

import prompts
from bot.commands import COMMANDS, CommandRouter
from bot.commands.views import CommandViews
from bot.memory import Memory, MemoryPages
from bot.middleware import Middleware
from bot.platforms.terminal.chat import PLACE, Chat, ReadLine, keyboard
from bot.platforms.terminal.renderer import Screen
from bot.rag.pipeline import Assistant, Models
from bot.settings import Settings
from bot.storage import Feedback, TurnStore
from bot.types import Answer, AnswerState, Ask, Language, Page, Question
from knowledge.notebook import Notebook
from tests.fakes.model import ScriptedModel


def typed(*lines: str | type[BaseException]) -> ReadLine:
    """A keyboard at which these lines are typed, and then Ctrl-D; an exception stands for a key such as Ctrl-C."""
    left = list(lines)

    async def read_line() -> str:
        if not left:
            raise EOFError
        line = left.pop(0)
        if isinstance(line, str):
            return line
        raise line

    return read_line


def say(name: str, language: Language = "zh", **values: object) -> str:
    return prompts.load("texts").say(name, language, **values)


def fault_line(language: Language) -> re.Pattern[str]:
    """The line that is said when something breaks, with any number."""
    return re.compile(re.escape(prompts.load("controls").say("broken", language, error="#")).replace(r"\#", "[0-9a-f]{8}"))


class Terminal:
    """A terminal chat over the small vault, and what it has drawn."""

    def __init__(self, ask: Ask, controls: CommandRouter, *, language: Language = "zh", colours: bool = False) -> None:
        self._ask = ask
        self._controls = controls
        self._language = language
        self._out = io.StringIO()
        self._console = Console(file=self._out, width=100, height=30, force_terminal=colours, record=True)

    async def talk(self, *lines: str | type[BaseException]) -> str:
        """What is there at the end, without the colours."""
        screen = Screen(self._console, self._language)
        guards = self._controls._guards
        await Chat(ask=self._ask, controls=self._controls, guards=guards, screen=screen, read_line=typed(*lines)).run()
        return self._console.export_text()

    @property
    def raw(self) -> str:
        return self._out.getvalue()


def controls_of(notebook: Notebook, state: TurnStore, commands: CommandViews) -> CommandRouter:
    settings = Settings()
    memories = MemoryPages(Memory(state.database, None, settings.memory))
    guards = Middleware.of(settings, state.database)
    return CommandRouter(notebook=notebook, state=state, commands=commands, guards=guards, memories=memories)


@pytest.fixture
def controls(notebook: Notebook, state: TurnStore, commands: CommandViews) -> CommandRouter:
    return controls_of(notebook, state, commands)


@pytest.fixture
def assistant(notebook: Notebook, state: TurnStore) -> Assistant:
    return Assistant(notebook=notebook, state=state, models=Models(fast=ScriptedModel("煮二十", "分钟 [1]。")))


async def test_a_whole_conversation(assistant: Assistant, controls: CommandRouter, state: TurnStore) -> None:
    seen = await Terminal(assistant.ask, controls).talk(
        "/help", "米饭要煮多久？", "/source", "/source 1", "/search 炒饭", "/topics", "那水呢？", "/quit", "不会再问"
    )
    parts = [
        "直接输入问题",
        "煮二十分钟 [1]。",
        "[1] 米饭  第 1–3 行",
        "**来源**\n[1] `cooking/rice.md` 米饭 (第 1–3 行)",
        "> 米饭要先洗两遍，再煮二十分钟。",
        "1. `cooking/rice.md` 米饭 › 炒饭",
        "1. **Tea**",
        "煮二十分钟 [1]。",
    ]
    at = 0
    for part in parts:
        assert part in seen[at:], f"{part!r} is not in {seen[at:]!r}"
        at = seen.index(part, at) + len(part)
    assert [turn.asked for turn in await state.recent_turns(PLACE, 10)] == ["米饭要煮多久？", "那水呢？"]


async def test_a_whole_conversation_on_a_terminal_with_colours(assistant: Assistant, controls: CommandRouter) -> None:
    terminal = Terminal(assistant.ask, controls, colours=True)
    seen = await terminal.talk("米饭要煮多久？", "/source 1", "/help")
    assert "煮二十分钟 [1]。" in seen
    assert "▌ 米饭要先洗两遍，再煮二十分钟。" in seen
    assert "\x1b[" in terminal.raw
    assert "thinking" not in seen


async def test_without_a_terminal_an_answer_is_printed_once_and_plainly(assistant: Assistant, controls: CommandRouter) -> None:
    terminal = Terminal(assistant.ask, controls)
    await terminal.talk("米饭要煮多久？")
    assert terminal.raw == "煮二十分钟 [1]。\n[1] 米饭  第 1–3 行\n"


async def test_what_is_asked_carries_the_person_the_place_and_the_words(controls: CommandRouter) -> None:
    asked: list[Question] = []

    async def ask(question: Question) -> AsyncIterator[Answer]:
        asked.append(question)
        yield Answer(state=AnswerState.ABSTAINED, text="没有。")

    await Terminal(ask, controls, language="en").talk("  米饭要煮多久？  ", "", "   ", "再问？")
    assert [(one.text, one.place, one.alone) for one in asked] == [("米饭要煮多久？", PLACE, False), ("再问？", PLACE, False)]
    assert (asked[0].person.platform, asked[0].person.language) == ("terminal", "en")
    assert asked[0].person == asked[1].person


@pytest.mark.parametrize("word", ["/quit", "/exit"])
async def test_the_conversation_ends_with_a_word(assistant: Assistant, controls: CommandRouter, word: str) -> None:
    assert await Terminal(assistant.ask, controls).talk(word, "/help") == ""


async def test_the_conversation_ends_with_the_input(assistant: Assistant, controls: CommandRouter) -> None:
    assert await Terminal(assistant.ask, controls).talk() == ""


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_unknown_command_is_named(assistant: Assistant, controls: CommandRouter, language: Language) -> None:
    seen = await Terminal(assistant.ask, controls, language=language).talk("/sauce 1", "/HELP")
    assert seen.splitlines() == [say("unknown_command", language, command=word) for word in ("/sauce", "/HELP")]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_command_of_the_other_platforms_is_known_and_stands_in_the_help(
    assistant: Assistant, controls: CommandRouter, language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those about people and chats are for platforms that have some, and the terminal asks without a command."""
    monkeypatch.chdir(tmp_path)
    names = [command.name for command in COMMANDS if command.name not in ("allow", "deny", "everything")]
    seen = await Terminal(assistant.ask, controls, language=language).talk(*(f"/{name}" for name in names))
    for name in names:
        assert say("unknown_command", language, command=f"/{name}") not in seen
    page = await Terminal(assistant.ask, controls, language=language).talk("/help")
    assert [name for name in names if f"`/{name}" not in page] == ["ask"]
    for command in ("/source 2", "/again", "/good", "/bad", "/quit"):
        assert f"`{command}" in page
    assert (tmp_path / "notesbot-memory.zip").stat().st_size
    assert "`notesbot-memory.zip`" in seen


async def test_what_a_place_has_chosen_holds_for_answers_pages_and_the_next_chat(controls: CommandRouter) -> None:
    asked: list[Question] = []

    async def ask(question: Question) -> AsyncIterator[Answer]:
        asked.append(question)
        yield Answer(state=AnswerState.ABSTAINED, text="没有。")

    seen = await Terminal(ask, controls, language="en").talk("一？", "/style short", "/lang zh", "二？", "/help")
    assert [(one.length, one.person.language) for one in asked] == [("", "en"), ("short", "zh")]
    assert "the length of answers here: short" in seen
    assert say("help", "zh") in seen
    assert say("help", "zh") in await Terminal(ask, controls, language="en").talk("/help")
    assert say("help", "en") in await Terminal(ask, controls, language="en").talk("/lang auto", "/help")


async def test_think_repeats_the_last_question_with_the_better_model(assistant: Assistant, controls: CommandRouter) -> None:
    asked: list[Question] = []

    async def ask(question: Question) -> AsyncIterator[Answer]:
        asked.append(question)
        async for answer in assistant.ask(question):
            yield answer

    await Terminal(ask, controls).talk("米饭要煮多久？", "/think", "/again", "/think 水呢？", "/ask 饭呢？")
    assert [(one.text, one.deep, one.again) for one in asked] == [
        ("米饭要煮多久？", False, False),
        ("米饭要煮多久？", True, True),
        ("米饭要煮多久？", False, True),
        ("水呢？", True, True),
        ("饭呢？", False, False),
    ]


async def test_a_page_with_buttons_numbers_them_and_a_number_presses_one(
    assistant: Assistant, controls: CommandRouter, state: TurnStore
) -> None:
    seen = await Terminal(assistant.ask, controls).talk("米饭要煮多久？", "/remember 我爱喝粥", "/forget all", "/1", "/1")
    assert "`/1` 全部忘掉" in seen
    assert await state.recent_turns(PLACE, 10) == ()
    assert seen.endswith(say("unknown_command", command="/1") + "\n")  # a button is there as long as its page is the last one


async def test_an_answer_is_rated_and_the_notes_are_read_again(
    assistant: Assistant, controls: CommandRouter, state: TurnStore
) -> None:
    seen = await Terminal(assistant.ask, controls).talk("/good", "米饭要煮多久？", "/bad", "/reindex", "/status")
    assert say("no_receipt") in seen
    assert prompts.load("controls").say("rated", "zh") in seen
    assert "读完了：2 篇笔记，5 段" in seen
    assert "2 篇笔记，5 段。" in seen
    assert [one.good async for one in Feedback(state.database).all()] == [False]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_pages_are_in_the_language_of_the_interface(
    assistant: Assistant, controls: CommandRouter, language: Language
) -> None:
    seen = await Terminal(assistant.ask, controls, language=language).talk("/source", "/search", "/help")
    assert seen.startswith(say("no_sources", language) + "\n" + say("needs_words", language, example="/search RAG"))
    assert say("help", language) in seen


async def test_a_page_for_words_is_in_the_language_of_the_words(assistant: Assistant, controls: CommandRouter) -> None:
    seen = await Terminal(assistant.ask, controls, language="en").talk("/search 炒饭", "/source 隔夜")
    assert "第 5–9 行" in seen
    assert "line" not in seen


async def test_ctrl_c_at_the_prompt_asks_again(assistant: Assistant, controls: CommandRouter) -> None:
    seen = await Terminal(assistant.ask, controls).talk(KeyboardInterrupt, "/help")
    assert "直接输入问题" in seen


async def test_ctrl_c_stops_the_answer_and_not_the_conversation(controls: CommandRouter) -> None:
    closed = []

    async def ask(question: Question) -> AsyncIterator[Answer]:
        try:
            yield Answer(state=AnswerState.PARTIAL, text="一句很长")
            signal.raise_signal(signal.SIGINT)
            while True:
                yield Answer(state=AnswerState.PARTIAL, text="还没说完")
                await anext(never())
        finally:
            closed.append(question.text)

    seen = await Terminal(ask, controls).talk("说点什么", "/help")
    assert seen.startswith(say("stopped") + "\n")
    assert say("help") in seen
    assert closed == ["说点什么"]


async def never() -> AsyncIterator[None]:
    await asyncio.Event().wait()
    yield


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_fault_in_the_assistant_is_shown_plainly_and_logged_and_the_chat_goes_on(
    controls: CommandRouter, caplog: pytest.LogCaptureFixture, language: Language
) -> None:
    async def ask(question: Question) -> AsyncIterator[Answer]:
        yield Answer(state=AnswerState.PARTIAL, text="开始")
        raise ZeroDivisionError("a secret of the program")

    seen = await Terminal(ask, controls, language=language).talk("一", "二", "/help")
    assert [bool(fault_line(language).match(line)) for line in seen.splitlines()[:3]] == [True, True, False]
    assert say("help", language) in seen
    assert "secret" not in seen
    assert "Traceback" not in seen
    (first, second) = [record for record in caplog.records if record.name == "bot.platforms.dispatcher"]
    assert first.exc_info is not None
    assert first.exc_info[0] is ZeroDivisionError
    assert second.levelname == "ERROR"


async def test_a_fault_in_a_command_is_shown_plainly_too(assistant: Assistant, notebook: Notebook, state: TurnStore) -> None:
    class Broken(CommandViews):
        async def topics(self, language: Language, *, key: str = "", page: int = 0) -> Page:
            raise OSError("disk on fire")

    broken = controls_of(notebook, state, Broken(notebook=notebook, state=state))
    seen = await Terminal(assistant.ask, broken).talk("/topics", "/help")
    assert fault_line("zh").match(seen)
    assert say("help") in seen


async def test_bytes_of_another_encoding_are_a_line_like_any_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    piped = io.BytesIO("米饭".encode("gbk") + b"\n/help\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(piped, encoding="utf-8"))
    read_line = keyboard(tmp_path / "history")
    odd, plain = await read_line(), await read_line()
    assert "\ufffd" in odd
    assert plain == "/help\n"
    with pytest.raises(EOFError):
        await read_line()
