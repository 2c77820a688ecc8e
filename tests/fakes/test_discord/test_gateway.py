"""Logging in, and the gateway's weather."""

from __future__ import annotations

import asyncio
import json
import zlib

import aiohttp
import discord
import pytest

from tests.fakes.discord import FakeDiscord, Intent, pointed_at
from tests.fakes.test_discord.bot import Bot, Place, channel_of, refused, running, start, until


async def test_a_client_logs_in_and_finds_its_guilds(bot: Bot, place: Place) -> None:
    assert bot.user is not None
    assert bot.user.name == "notesbot"
    guild = bot.get_guild(place.guild.id)
    assert guild is not None
    assert (guild.name, [one.name for one in guild.text_channels]) == ("Cooks", ["kitchen"])
    assert [role.name for role in guild.roles] == ["@everyone", "cooks"]
    assert guild.me.guild_permissions.send_messages
    assert bot.application is not None
    assert bot.application.flags.gateway_message_content_limited


async def test_afterwards_the_library_points_at_discord_again() -> None:
    async with FakeDiscord() as server:
        with pointed_at(server):
            assert server.base == discord.http.Route.BASE
    assert discord.http.Route.BASE == "https://discord.com/api/v10"
    assert str(discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"


async def test_a_wrong_token_is_refused_by_both_doors(fake: FakeDiscord) -> None:
    with pytest.raises(discord.LoginFailure):
        await start(Bot(), "wrong")
    client = Bot()
    await client.login(fake.token)
    client.http.token = "wrong"
    with pytest.raises(discord.ConnectionClosed) as closed:
        await client.connect()
    assert closed.value.code == 4004
    await client.close()


async def test_an_intent_that_is_switched_off_in_the_portal_closes_with_4014(fake: FakeDiscord) -> None:
    fake.gateway.allowed &= ~Intent.CONTENT
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await start(Bot(), fake.token)
    assert ("refused", 4014) in fake.gateway.log


async def test_shards_get_the_guilds_that_are_theirs(fake: FakeDiscord, place: Place) -> None:
    fake.gateway.shards = 2
    with pytest.raises(discord.ConnectionClosed) as closed:
        await start(Bot(), fake.token)
    assert closed.value.code == 4011
    shard = (place.guild.id >> 22) % 2
    async with (
        running(fake, Bot(shard_id=1 - shard, shard_count=2)) as other,
        running(fake, Bot(shard_id=shard, shard_count=2)) as mine,
    ):
        fake.people.says(place.mei, place.kitchen, "hello")
        await until(lambda: mine.heard)
        assert not other.heard
        assert not other.guilds


async def test_a_dropped_connection_is_resumed_and_nothing_is_missed(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    for number in range(3):
        fake.gateway.drop(code=(0, 4000, 1001)[number])
        fake.people.says(place.mei, place.kitchen, str(number))
        await fake.until(lambda: fake.gateway.count("resumed") == number + 1)  # noqa: B023
    await until(lambda: len(bot.heard) == 3)
    assert [one.content for one in bot.heard] == ["0", "1", "2"]
    assert fake.gateway.count("identify") == 1


async def test_discord_may_ask_to_reconnect(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.gateway.ask_to_reconnect()
    await fake.until(lambda: fake.gateway.count("resumed") == 1)
    fake.gateway.invalidate(resumable=True)
    await fake.until(lambda: fake.gateway.count("resumed") == 2)
    assert fake.gateway.count("identify") == 1


async def test_a_lost_session_starts_anew_and_what_was_said_meanwhile_is_only_in_the_history(
    fake: FakeDiscord, place: Place, bot: Bot
) -> None:
    fake.gateway.drop(lose=True)
    fake.people.says(place.mei, place.kitchen, "meanwhile")
    await fake.until(lambda: fake.gateway.count("identify") == 2)
    fake.people.says(place.mei, place.kitchen, "afterwards")
    await until(lambda: bot.heard)
    assert [one.content for one in bot.heard] == ["afterwards"]
    assert ("refused", "resume") in fake.gateway.log
    assert len([one async for one in channel_of(bot, place.kitchen).history()]) == 2


async def test_a_silent_connection_is_given_up_and_resumed(fake: FakeDiscord, place: Place) -> None:
    fake.gateway.heartbeat = 0.2
    async with running(fake, Bot(heartbeat_timeout=0.6)) as bot:
        fake.gateway.silent = True
        fake.people.says(place.mei, place.kitchen, "anybody?")
        await fake.until(lambda: fake.gateway.count("closed"))
        fake.gateway.silent = False
        await fake.until(lambda: fake.gateway.count("resumed"))
        await until(lambda: bot.heard)
        assert [one.content for one in bot.heard] == ["anybody?"]


async def test_a_client_whose_heart_stops_is_thrown_out(fake: FakeDiscord) -> None:
    fake.gateway.heartbeat = 0.05
    async with aiohttp.ClientSession() as session, session.ws_connect(fake.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4009


async def test_frames_are_compressed_as_the_client_asks(fake: FakeDiscord) -> None:
    stream = zlib.decompressobj()
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{fake.gateway_url}?compress=zlib-stream") as socket:
        for wanted in (10, 11):
            assert json.loads(stream.decompress(await socket.receive_bytes()))["op"] == wanted
            await socket.send_json({"op": 1, "d": None})


async def test_the_bot_can_be_thrown_out(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.world.remove_bot(place.guild)
    await until(lambda: ("left", "Cooks") in bot.events)
    assert await refused(bot.get_partial_messageable(place.kitchen.id).send("x")) == (403, 50001)


async def test_discord_may_be_gone_for_a_while(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    await fake.stop()
    fake.people.says(place.mei, place.kitchen, "anybody?")
    with pytest.raises(aiohttp.ClientConnectorError):
        await channel_of(bot, place.kitchen).send("x")
    await fake.start()
    await until(lambda: bot.heard, 20)
    assert [one.content for one in bot.heard] == ["anybody?"]


async def test_a_client_may_shard_by_itself(fake: FakeDiscord, place: Place) -> None:
    fake.gateway.shards = 2
    heard: list[str] = []

    class Sharded(discord.AutoShardedClient):
        async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
            """The usual one sleeps."""

        async def on_message(self, message: discord.Message) -> None:
            heard.append(message.content)

    async with Sharded(intents=discord.Intents.all(), guild_ready_timeout=0.02) as client:
        task = asyncio.create_task(client.start(fake.token))
        await fake.until(lambda: len(fake.gateway.connected) == 2, 20)
        fake.people.says(place.mei, place.kitchen, "in a guild")
        fake.people.says(place.mei, place.mei, "in private")
        await until(lambda: len(heard) == 2)
        fake.gateway.drop()
        fake.people.says(place.mei, place.kitchen, "again")
        await until(lambda: len(heard) == 3, 10)
        guild = client.get_guild(place.guild.id)
        assert guild is not None
        assert len(guild.members) == 4
    await asyncio.gather(task, return_exceptions=True)
    assert sorted(heard) == ["again", "in a guild", "in private"]
