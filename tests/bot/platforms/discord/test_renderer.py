"""Answers and pages as Discord's messages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.api import Drawn, arranged, rows_of
from bot.platforms.discord.channel import MOST_MESSAGES, messages_of, messages_of_page
from bot.platforms.discord.slash_commands import Completion, chosen
from bot.platforms.messages import MessageSeries
from bot.types import Answer, AnswerState, Attachment, Button, Page
from tests.bot.making import citation
from tests.bot.markup.rules import check_discord
from tests.bot.platforms.discord.stage import Script, Stage

labels = st.text(min_size=0, max_size=100)
buttons = st.lists(st.builds(Button, label=labels, data=st.uuids().map(str), row=st.integers(0, 8)), max_size=25)


class Outlet:
    """Keeps what it is shown."""

    def __init__(self) -> None:
        self.shown: dict[str, Drawn] = {}
        self.calls: list[str] = []

    async def send(self, drawn: Drawn, nonce: str) -> str:
        self.calls.append("send")
        self.shown[nonce] = drawn
        return nonce

    async def edit(self, message: str, drawn: Drawn) -> None:
        self.calls.append("edit")
        self.shown[message] = drawn

    async def delete(self, message: str) -> None:
        self.calls.append("delete")
        del self.shown[message]


@given(buttons)
def test_buttons_fit_into_five_rows_of_five_and_none_is_lost(given_: list[Button]) -> None:
    shown = sorted(given_, key=lambda one: one.row)
    rows = rows_of(shown)
    assert len(rows) <= 5
    assert all(1 <= len(row["components"]) <= 5 for row in rows)
    assert [one["custom_id"] for row in rows for one in row["components"]] == [f"n:{one.data}" for one in shown]
    assert all(1 <= len(one["label"]) <= 80 for row in rows for one in row["components"])


def test_sources_stand_side_by_side_above_the_thumbs() -> None:
    sources = [Button(label=f"[{n}]", data=f"s:{n}", row=n) for n in range(6)]
    thumbs = [Button(label=str(n), data=f"f:{n}", row=6) for n in range(4)]
    assert [len(row) for row in arranged([*sources, *thumbs])] == [3, 3, 4]


async def test_a_long_answer_comes_with_a_file_that_holds_all_of_it() -> None:
    text = "\n\n".join("米饭" * 500 for _ in range(20))
    messages = await messages_of(Answer(state=AnswerState.MODEL, text=text), (), "zh")
    assert len(messages) == MOST_MESSAGES
    assert messages[-1].files == (Attachment(name="answer.md", content=text.encode()),)
    going_on = await messages_of(Answer(state=AnswerState.PARTIAL, text=text), (), "zh")
    assert not any(one.files for one in going_on)


async def test_the_sources_stand_in_small_print_below_where_there_is_room() -> None:
    source = citation(path="a_b*c*/@everyone.md", heading=("米饭", "炒饭"))
    (message,) = await messages_of(Answer(state=AnswerState.MODEL, text="好 [1]。", citations=(source,)), (), "zh")
    check_discord(message.text, 2000)
    assert message.text.splitlines()[1].startswith("-# [1] rice ›")
    assert message.text.endswith("米饭 › 炒饭")
    full = await messages_of(Answer(state=AnswerState.MODEL, text="好" * 1995, citations=(source,)), (), "zh")
    assert "".join(one.text for one in full) == "好" * 1995
    going_on = await messages_of(Answer(state=AnswerState.PARTIAL, text="好", citations=(source,)), (), "zh")
    assert going_on[0].text == "好"


async def test_an_answer_without_words_yet_says_that_it_is_looked_for() -> None:
    (waiting,) = await messages_of(Answer(state=AnswerState.THINKING), (), "en")
    assert waiting.text == "Looking through the notes…"


@pytest.mark.parametrize("quote", ["# 不是标题\n**两颗星**", "```\ncode\n```", "````", "a\n\n\nb", "<@123> @everyone"])
async def test_a_quotation_is_shown_word_for_word(quote: str) -> None:
    messages = await messages_of_page(Page(text="`a.md`", quote=quote), "zh")
    text = "\n".join(one.text for one in messages)
    inside = re.search(r"```\n(.*)\n```", text, re.DOTALL)
    assert inside
    assert inside[1].replace("\u200b", "") == quote


async def test_a_page_that_shows_nothing_has_no_messages() -> None:
    assert await messages_of_page(Page(notice="好"), "zh") == ()
    assert len(await messages_of_page(Page(photo=b"png"), "zh")) == 1


async def test_only_what_changed_is_edited_and_what_is_left_over_goes_at_the_end() -> None:
    outlet = Outlet()
    noted: list[list[str]] = []

    async def note(ids: object) -> None:
        noted.append(list(ids))  # type: ignore[call-overload]

    drawing = MessageSeries(outlet, ids=(), nonce=str, noted=note)
    one, two, three = Drawn(text="1"), Drawn(text="2"), Drawn(text="3")
    await drawing.draw((one, two), final=False)
    await drawing.draw((one, three), final=False)
    await drawing.draw((one,), final=False)
    await drawing.draw((three,), final=True)
    assert outlet.calls == ["send", "send", "edit", "edit", "delete"]
    assert outlet.shown == {"0": three}
    assert noted == [["0"], ["0", "1"]]


names = st.text(max_size=20)


async def test_at_most_25_names_are_offered_those_that_begin_so_first() -> None:
    async def read() -> list[str]:
        return ["炒饭", "蛋炒饭", "Rice " * 50, "", *(f"粥 {n}" for n in range(100_000))]

    completion = Completion(read)
    assert await completion.choices("炒") == ("炒饭", "蛋炒饭")
    assert len(await completion.choices("粥")) == 25
    assert len((await completion.choices("rice"))[0]) <= 100
    assert await completion.choices("没有") == ()
    completion.close()
    assert chosen([], "x") == ()


@pytest.mark.parametrize("seed", range(3))
async def test_discord_takes_every_answer_and_nobody_is_pinged(stage: Stage, seed: int) -> None:
    from random import Random

    chance = Random(seed)
    pieces = [
        "# 标题",
        "**粗**",
        "- 项",
        "`码`",
        "```py",
        "```",
        "@everyone",
        stage.mei.mention,
        "米饭 " * 300,
        "\n",
        "http://a.b/c",
    ]
    text = "\n".join(chance.choice(pieces) for _ in range(40))
    async with stage.running(Script(says=text).ask):
        stage.says("@bot 米饭")
        await stage.settled(lambda: stage.fake.said(stage.kitchen))
        await stage.finished()
        said = stage.fake.said(stage.kitchen)
        assert said
        assert all(len(one.content) <= 2000 for one in said)
        assert all(one.content.count("```") % 2 == 0 for one in said)
        assert not any(one.previews for one in said)
    stage.all_was_well()
