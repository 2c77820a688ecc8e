"""What `notesbot doctor` says of Discord."""

from __future__ import annotations

import prompts
from bot.platforms.discord.health import look
from bot.settings import DiscordSettings
from tests.bot.platforms.discord.stage import Stage
from tests.fakes.discord import FakeDiscord, Trouble


async def found(settings: DiscordSettings, token: str) -> list[tuple[str, bool]]:
    looked = [one async for one in look(token, settings)]
    for one in looked:
        assert prompts.load("doctor").say(one.name, "zh", **one.values)
    return [(one.name, one.fault) for one in looked]


async def test_a_good_token_says_where_the_bot_is_and_what_it_may_read(fake: FakeDiscord, stage: Stage) -> None:
    settings = DiscordSettings(api_url=fake.base)
    assert await found(settings, fake.token) == [("discord_ok", False), ("discord_does_not_read", False)]
    reading = DiscordSettings(api_url=fake.base, message_content=True)
    assert await found(reading, fake.token) == [("discord_ok", False), ("discord_reads", False)]
    fake.gateway.allowed = 0
    assert await found(reading, fake.token) == [("discord_ok", False), ("discord_may_not_read", True)]


async def test_faults_are_named(fake: FakeDiscord) -> None:
    settings = DiscordSettings(api_url=fake.base)
    assert await found(settings, "MTIzNDU2Nzg5.wrong.token") == [("discord_token_bad", True)]
    assert (await found(settings, fake.token))[0] == ("discord_nowhere", True)
    fake.once(Trouble.UNAVAILABLE)
    assert await found(settings, fake.token) == [("discord_unreachable", True)]
