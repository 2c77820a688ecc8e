"""Buttons, menus and layouts: what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
import pytest
from discord import ui

from tests.fakes.discord import FakeDiscord
from tests.fakes.test_discord.bot import Bot, Place, channel_of, refused


def rows(*items: ui.Item[Any]) -> ui.View:
    view = ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def button(**more: Any) -> ui.Button[Any]:
    return ui.Button(**{"label": "b", "custom_id": "c", **more})


def layout(*items: ui.Item[Any]) -> ui.LayoutView:
    view = ui.LayoutView()
    for item in items:
        view.add_item(item)
    return view


TWICE = [discord.SelectOption(label="a", value="v"), discord.SelectOption(label="b", value="v")]
VIEWS: list[tuple[Callable[[], Any], str]] = [
    (lambda: rows(button(custom_id="c" * 101)), "Must be between 1 and 100 in length."),
    (lambda: rows(button(), button()), "Component custom id cannot be duplicated"),
    (lambda: rows(button(label="b" * 81)), "Must be 80 or fewer in length."),
    (lambda: rows(button(custom_id=None, url="ftp://x")), "Scheme must be one of"),
    (lambda: rows(button(label=None)), "A button must have a label or an emoji"),
    (lambda: rows(ui.Select(custom_id="s", options=[])), "Must be between 1 and 25 in length."),
    (lambda: rows(ui.Select(custom_id="s", options=TWICE)), "The specified option value is already used"),
    (lambda: layout(ui.TextDisplay("x" * 2001), ui.Container(ui.TextDisplay("x" * 2000))), "text must be 4000 or fewer."),
    (lambda: layout(ui.File("attachment://missing.md")), "The referenced attachment was not found"),
]


@pytest.mark.parametrize(("view", "words"), VIEWS)
async def test_components_have_limits(fake: FakeDiscord, place: Place, bot: Bot, view: Callable[[], Any], words: str) -> None:
    with pytest.raises(discord.HTTPException) as caught:
        await channel_of(bot, place.kitchen).send(view=view())
    assert caught.value.code == 50035
    assert words in caught.value.text


async def raw(bot: Bot, place: Place, **body: Any) -> Any:
    """Post a message that the library itself would not let through."""
    return await bot.http.request(
        discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=place.kitchen.id), json=body
    )


async def test_what_the_library_would_not_send_is_refused_as_well(bot: Bot, place: Place) -> None:
    def button(number: int) -> dict[str, object]:
        return {"type": 2, "style": 1, "label": "b", "custom_id": str(number)}

    row = {"type": 1, "components": [button(number) for number in range(6)]}
    assert await refused(raw(bot, place, content="x", components=[row])) == (400, 50035)
    many = [{"type": 1, "components": [button(number)]} for number in range(6)]
    assert await refused(raw(bot, place, content="x", components=many)) == (400, 50035)
    text = {"type": 10, "content": "x"}
    assert await refused(raw(bot, place, components=[text])) == (400, 50035)
    assert await refused(raw(bot, place, content="x", components=[text], flags=1 << 15)) == (400, 50035)
    assert await refused(raw(bot, place, embeds=[{"title": "x"}], components=[text], flags=1 << 15)) == (400, 50035)
    assert await refused(raw(bot, place, components=[text] * 41, flags=1 << 15)) == (400, 50035)
    await raw(bot, place, components=[text] * 40, flags=1 << 15)
    assert await refused(raw(bot, place, content="x", flags=64)) == (400, 50035)
    assert await refused(raw(bot, place, embeds=[{"title": "x"}] * 11)) == (400, 50035)


async def test_a_message_with_components_v2_stays_one(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    view = ui.LayoutView()
    view.add_item(ui.TextDisplay("rice"))
    sent = await channel_of(bot, place.kitchen).send(view=view)
    assert await refused(sent.edit(content="text")) == (400, 50035)
    assert fake.said(place.kitchen)[0].texts == ["rice"]
    legacy = await channel_of(bot, place.kitchen).send("text")
    assert await refused(legacy.edit(view=view)) == (400, 50035)
    await legacy.edit(content=None, view=view)
    assert fake.said(place.kitchen)[1].texts == ["rice"]
