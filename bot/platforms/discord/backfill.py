"""What was said while the bot was away, from the history of its channels; the ledger sees to it that it counts once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

import discord

log = logging.getLogger(__name__)

SLACK = timedelta(minutes=2)
"""Events arrive a little out of order, and clocks differ."""
MOST_MESSAGES = 500
"""Of one channel."""
MOST_PEOPLE = 50
"""Whose direct messages are looked at."""


def since(last_seen: int, oldest: datetime) -> datetime:
    """From the last event that was taken on, but not longer ago than what is answered at all."""
    return max(oldest, discord.utils.snowflake_time(last_seen) - SLACK) if last_seen else oldest


async def missed(client: discord.Client, begin: datetime, people: Iterable[str]) -> AsyncIterator[discord.Message]:
    """Messages since then, channel by channel, oldest first. A channel that is closed to the bot is left out."""
    for channel in [*_channels(client, begin), *await _direct(client, people)]:
        try:
            async for message in channel.history(after=begin, limit=MOST_MESSAGES, oldest_first=True):
                yield message
        except (discord.Forbidden, discord.NotFound):
            log.info("the history of %s is closed to the bot", channel.id)


def _channels(client: discord.Client, begin: datetime) -> list[discord.TextChannel | discord.Thread]:
    channels: list[discord.TextChannel | discord.Thread] = []
    for guild in client.guilds:
        channels += [*guild.text_channels, *guild.threads]
    return [one for one in channels if _is_later(one.last_message_id, begin) and _may_read(one)]


def _may_read(channel: discord.TextChannel | discord.Thread) -> bool:
    try:
        may = channel.permissions_for(channel.guild.me)
    except discord.ClientException:  # a thread whose channel is hidden
        return False
    return may.view_channel and may.read_message_history


async def _direct(client: discord.Client, people: Iterable[str]) -> list[discord.DMChannel]:
    """Discord tells a bot of no direct messages that it has missed; the channels of those who may use it are known."""
    found = []
    for person in list(people)[:MOST_PEOPLE]:
        try:
            found.append(await client.create_dm(discord.Object(int(person))))
        except (discord.HTTPException, ValueError):
            log.info("no direct messages with %s", person)
    return found


def _is_later(message: int | None, begin: datetime) -> bool:
    return message is not None and discord.utils.snowflake_time(message) >= begin
