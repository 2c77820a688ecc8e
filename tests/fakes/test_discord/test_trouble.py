"""Requests that fail, and rate limits."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from tests.fakes.discord import FakeDiscord, Trouble
from tests.fakes.test_discord.bot import CALLBACK, POST, Bot, Place, channel_of, refused


async def test_a_server_error_is_tried_again_and_a_503_is_not(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.once(Trouble.BAD_GATEWAY, POST)
    await channel_of(bot, place.kitchen).send("at last")
    assert [one.status for one in fake.at(POST)] == [502, 200]
    fake.once(Trouble.UNAVAILABLE, POST)
    assert await refused(channel_of(bot, place.kitchen).send("x")) == (503, 0)


async def test_a_cut_connection_leaves_open_whether_it_was_done(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    channel = channel_of(bot, place.kitchen)
    fake.once(Trouble.CUT_BEFORE, POST)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("lost")
    assert fake.said(place.kitchen) == []
    fake.once(Trouble.CUT_AFTER, POST)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("there", nonce="1")
    again = await channel.send("there", nonce="1")
    assert [one.id for one in fake.said(place.kitchen)] == [again.id]


async def test_rate_limits_are_told_and_enforced(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.limits.on = True
    fake.limits.buckets[POST] = (3, 0.4)
    channel = channel_of(bot, place.kitchen)
    await asyncio.gather(*(channel.send(str(number)) for number in range(7)))
    assert len(fake.said(place.kitchen)) == 7
    assert fake.limits.violations == []  # the library keeps to what the headers say
    bot.http._buckets.clear()
    bot.http._bucket_hashes.clear()
    await asyncio.gather(
        *(bot.http.send_message(channel.id, params=discord.http.handle_message_parameters("x")) for _ in range(2))
    )
    fake.once(Trouble.TOO_MANY, POST)
    await channel.send("after a while")
    assert 429 in [one.status for one in fake.at(POST)]


async def test_fifty_requests_a_second_are_enough(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.limits.on, fake.limits.everything = True, (5, 0.3)
    await asyncio.gather(*(bot.fetch_user(place.mei.id) for _ in range(8)))
    assert fake.limits.violations
    limited = next(one for one in fake.received if one.status == 429)
    assert limited.answer["global"] is True


async def test_a_slow_acknowledgement_is_measured(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    fake.once(Trouble.DELAY, CALLBACK, seconds=0.2)
    call = await fake.people.slash(place.mei, place.kitchen, "ask", question="tea").until_answered()
    assert call.latency >= 0.2
    assert fake.at(CALLBACK)[0].body["type"] == 5
