from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from rich.console import Console

from bot.platforms.terminal.renderer import Screen, console
from bot.types import Answer, AnswerState, Language
from tests.bot.making import citation


def screen(*, terminal: bool = False, language: Language = "zh", height: int = 20) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    return Screen(Console(file=out, force_terminal=terminal, width=80, height=height), language), out


async def growing(*answers: Answer) -> AsyncIterator[Answer]:
    for answer in answers:
        yield answer


def final(text: str, **more: object) -> Answer:
    return Answer(state=AnswerState.MODEL, text=text, **more)  # type: ignore[arg-type]


def partial(text: str) -> Answer:
    return Answer(state=AnswerState.PARTIAL, text=text)


@pytest.mark.parametrize(
    "text",
    [
        "[bold]不是标记[/bold]",
        "[1] `代码` **粗**",
        "一行很长" * 60,
        "C:\\笔记\\米饭 {x} <br> 1*2*3",
        "一个 :warning: 标签",
        "> 比例是 1:100:200",
        ":x: 和 :zap:",
        "\t一列\t又一列\n\n末尾有空格  \n",
    ],
)
def test_a_page_for_a_pipe_is_the_text_itself(text: str) -> None:
    shown, out = screen()
    shown.page(text)
    assert out.getvalue() == text + "\n"


def test_a_page_for_a_terminal_is_drawn() -> None:
    shown, out = screen(terminal=True)
    shown.page("**来源**\n\n> 原文")
    assert "**" not in out.getvalue()
    assert "▌" in out.getvalue()


async def test_the_last_snapshot_is_what_stays_and_is_given_back() -> None:
    shown, out = screen()
    last = await shown.answer(growing(partial("煮"), partial("煮二十"), final("煮二十分钟。")))
    assert last == final("煮二十分钟。")
    assert out.getvalue() == "煮二十分钟。\n"


async def test_sources_stand_below_the_answer_with_their_place() -> None:
    shown, out = screen()
    sources = (citation(1), citation(2, path="深/茶.md", heading=("一", "二", "三"), lines=(4, 9)))
    await shown.answer(growing(final("答 [1][2]。", citations=sources)))
    assert out.getvalue().splitlines() == ["答 [1][2]。", "[1] rice › 米饭  第 3 行", "[2] rice › 二 › 三  第 4–9 行"]


async def test_an_answer_grows_on_a_terminal() -> None:
    shown, out = screen(terminal=True)
    await shown.answer(growing(Answer(state=AnswerState.THINKING), partial("煮二十"), final("煮二十分钟。")))
    assert "思考中…" in out.getvalue()
    assert out.getvalue().index("思考中…") < out.getvalue().index("煮二十分钟。")


async def test_of_a_growing_answer_that_is_too_long_the_end_is_shown() -> None:
    shown, out = screen(terminal=True, height=12)
    text = "\n\n".join(f"第 {number} 行。" for number in range(40))
    await shown.answer(growing(partial(text), final("完。")))
    assert "第 39 行。" in out.getvalue()
    assert "第 10 行。" not in out.getvalue()


async def test_an_answer_without_snapshots_draws_nothing() -> None:
    shown, out = screen()
    assert await shown.answer(growing()) is None
    assert out.getvalue() == ""


async def test_the_stream_is_closed_when_a_snapshot_cannot_be_drawn() -> None:
    closed = []

    async def answers() -> AsyncIterator[Answer]:
        try:
            yield 7  # type: ignore[misc]
        finally:
            closed.append(True)

    shown, stream = screen()[0], answers()
    with pytest.raises(AttributeError):
        await shown.answer(stream)
    assert closed == [True]


@pytest.mark.parametrize(("language", "word"), [("zh", "正在读笔记"), ("en", "Reading notes")])
def test_progress_is_a_bar_for_each_stage_on_a_terminal(language: Language, word: str) -> None:
    shown, out = screen(terminal=True, language=language)
    with shown.progress() as progress:
        progress("notes", 1, 2)
        progress("notes", 2, 2)
    assert word in out.getvalue()
    assert shown.say("embedding") not in out.getvalue()


def test_progress_for_a_pipe_shows_nothing() -> None:
    shown, out = screen()
    with shown.progress() as progress:
        progress("notes", 1, 1)
        progress("vectors", 1, 1)
    assert out.getvalue() == ""


def test_names_of_emoji_in_what_else_is_printed_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("一个 :warning: 标签", markup=False)
    console(errors=True).print(":x:.md", markup=False)
    assert capsys.readouterr() == ("一个 :warning: 标签\n", ":x:.md\n")
