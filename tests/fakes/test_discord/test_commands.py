"""Registering commands: what is kept, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.discord import FakeDiscord, Impossible
from tests.fakes.test_discord.bot import Bot, Place, refused


async def test_commands_are_registered_and_keep_their_ids(fake: FakeDiscord, bot: Bot) -> None:
    synced = await bot.tree.sync()
    assert sorted(one.name for one in synced) == ["Ask the notes about this", "ask", "source"]
    again = await bot.tree.sync()
    assert {one.name: one.id for one in synced} == {one.name: one.id for one in again}
    assert sorted(one.name for one in await bot.tree.fetch_commands()) == ["Ask the notes about this", "ask", "source"]
    await (await bot.tree.fetch_commands())[0].delete()
    assert len(fake.api.commands[0]) == 2


ASK = {"name": "ask", "description": "d", "type": 1}


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ({**ASK, "name": "Ask"}, "name"),
        ({**ASK, "name": "a b"}, "name"),
        ({**ASK, "name": "a" * 33}, "name"),
        ({**ASK, "description": ""}, "description"),
        ({**ASK, "description": "d" * 101}, "description"),
        ({**ASK, "name_localizations": {"zh": "问"}}, "name_localizations"),
        ({**ASK, "name_localizations": {"zh-CN": "问 答"}}, "name_localizations"),
        ({**ASK, "description_localizations": {"zh-CN": ""}}, "description_localizations"),
        ({**ASK, "contexts": [3]}, "contexts"),
        ({**ASK, "integration_types": [2]}, "integration_types"),
        ({**ASK, "options": [{"type": 3, "name": "q", "description": "d"}] * 26}, "options"),
        ({**ASK, "options": [{"type": 3, "name": "Q", "description": "d"}]}, "options"),
        (
            {
                **ASK,
                "options": [
                    {"type": 3, "name": "a", "description": "d"},
                    {"type": 3, "name": "b", "description": "d", "required": True},
                ],
            },
            "options",
        ),
        (
            {**ASK, "options": [{"type": 3, "name": "a", "description": "d", "choices": [{"name": "n" * 101, "value": "v"}]}]},
            "options",
        ),
        (
            {**ASK, "options": [{"type": 1, "name": "a", "description": "d"}, {"type": 3, "name": "b", "description": "d"}]},
            "options",
        ),
        ({"name": "Menu", "type": 3, "description": "d"}, "description"),
        ({**ASK, "colour": 1}, "colour"),
    ],
)
async def test_a_bad_command_is_refused_with_its_place(fake: FakeDiscord, bot: Bot, command: Any, place: str) -> None:
    assert bot.application_id is not None
    assert await refused(bot.http.bulk_upsert_global_commands(bot.application_id, [command])) == (400, 50035)
    assert list(fake.refusals[-1].answer["errors"]["0"]) == [place]
    assert await refused(bot.http.upsert_global_command(bot.application_id, command)) == (400, 50035)


async def test_names_of_commands_may_be_chinese_and_only_once(bot: Bot) -> None:
    assert bot.application_id is not None
    await bot.http.bulk_upsert_global_commands(
        bot.application_id, [{**ASK, "name_localizations": {"zh-CN": "提问", "zh-TW": "提問"}}]
    )
    assert await refused(bot.http.bulk_upsert_global_commands(bot.application_id, [ASK, ASK])) == (400, 50035)
    menus: Any = [{"name": f"Menu {number}", "type": 3} for number in range(6)]
    assert await refused(bot.http.bulk_upsert_global_commands(bot.application_id, menus)) == (400, 30032)


async def test_a_guild_can_have_commands_of_its_own(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    await bot.http.bulk_upsert_guild_commands(fake.bot.id, place.guild.id, [ASK])  # type: ignore[list-item]
    call = fake.people.slash(place.mei, place.kitchen, "ask")
    assert call.data["guild_id"] == str(place.guild.id)
    with pytest.raises(Impossible):
        fake.people.slash(place.mei, place.mei, "ask")
