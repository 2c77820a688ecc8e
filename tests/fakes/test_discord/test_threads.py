"""Threads: opening, archiving, locking."""

from __future__ import annotations

import discord

from tests.fakes.discord import FakeDiscord
from tests.fakes.test_discord.bot import Bot, Place, channel_of, refused, running, until


async def test_a_thread_opens_from_a_message_once(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    said = fake.people.says(place.mei, place.kitchen, "long story")
    await until(lambda: bot.heard)
    thread = await bot.heard[0].create_thread(name="rice")
    assert thread.id == said.id
    assert said.thread is not None
    assert said.thread.name == "rice"
    assert await refused(bot.heard[0].create_thread(name="again")) == (400, 160004)
    assert await refused(channel_of(bot, place.kitchen).create_thread(name="n" * 101)) == (400, 50035)
    await thread.send("go on")
    fake.people.says(place.mei, said.thread, "yes")
    await until(lambda: len(bot.heard) == 2)
    assert isinstance(bot.heard[1].channel, discord.Thread)
    assert bot.heard[1].channel.owner_id == fake.bot.id
    assert [one.content for one in fake.people.sees(place.mei, said.thread)] == ["go on", "yes"]
    assert ("thread", "rice") in bot.events


async def test_an_archived_thread_is_closed_to_edits_and_a_locked_one_to_everything(
    fake: FakeDiscord, place: Place, bot: Bot
) -> None:
    opened = await channel_of(bot, place.kitchen).create_thread(name="rice", type=discord.ChannelType.public_thread)
    sent = await opened.send("one")
    thread = fake.world.channels[opened.id]
    fake.people.archives(thread)
    await until(lambda: ("archived", True) in bot.events)
    assert await refused(sent.edit(content="two")) == (400, 50083)
    assert await refused(sent.add_reaction("👍")) == (400, 50083)
    assert [one.name async for one in channel_of(bot, place.kitchen).archived_threads()] == ["rice"]
    await opened.send("awake")
    assert not thread.archived
    fake.people.archives(thread, locked=True)
    assert await refused(opened.send("x")) == (400, 50083)
    direct = await (await bot.fetch_user(place.mei.id)).send("x")
    route = discord.http.Route("POST", "/channels/{channel_id}/threads", channel_id=direct.channel.id)
    assert await refused(bot.http.request(route, json={"name": "x", "type": 11})) == (400, 50024)


async def test_active_threads_come_with_the_guild(fake: FakeDiscord, place: Place) -> None:
    thread = fake.people.opens_thread(place.mei, place.kitchen, "rice")
    async with running(fake) as bot:
        guild = bot.get_guild(place.guild.id)
        assert guild is not None
        assert [one.id for one in guild.threads] == [thread.id]
        assert [one.name for one in await guild.active_threads()] == ["rice"]
