"""What `notesbot doctor` wants to know of Discord: is the token good, on which servers is the bot, and what may it read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord

from bot.platforms.discord.api import TROUBLE
from bot.platforms.discord.client import addressed, proxy_of, proxy_options
from bot.settings import DiscordSettings, SettingsProblem
from bot.types import Finding

NEEDS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    attach_files=True,
    read_message_history=True,
)


async def look(token: str, settings: DiscordSettings) -> AsyncIterator[Finding]:
    """Log in, without the gateway, and look."""
    with addressed(settings.api_url):
        try:
            proxy = proxy_of(settings)
        except SettingsProblem as problem:
            yield Finding(name="platform_bad", values={"platform": "Discord", "why": problem}, fault=True)
            return
        if proxy:
            yield Finding(name=f"proxy_{proxy.via}", values={"platform": "Discord", "proxy": proxy.shown})
        client = discord.Client(intents=discord.Intents.none(), **proxy_options(proxy))
        try:
            await client.login(token)
            guilds = [guild.name async for guild in client.fetch_guilds(limit=200)]
            found = await client.application_info()
            yield _reached(client, found, guilds)
            yield _may_read(settings, found.flags)
        except discord.LoginFailure:
            yield Finding(name="discord_token_bad", values={}, fault=True)
        except (discord.HTTPException, *TROUBLE) as error:
            yield Finding(name="discord_unreachable", values={"why": str(error) or type(error).__name__}, fault=True)
        finally:
            await client.close()


def _reached(client: discord.Client, found: discord.AppInfo, guilds: list[str]) -> Finding:
    if not guilds:
        invitation = discord.utils.oauth_url(found.id, permissions=NEEDS, scopes=("bot", "applications.commands"))
        return Finding(name="discord_nowhere", values={"bot": client.user, "url": invitation}, fault=True)
    return Finding(name="discord_ok", values={"bot": client.user, "guilds": ", ".join(guilds)})


def _may_read(settings: DiscordSettings, flags: discord.ApplicationFlags) -> Finding:
    allowed = flags.gateway_message_content or flags.gateway_message_content_limited
    if settings.message_content:
        return (
            Finding(name="discord_reads", values={}) if allowed else Finding(name="discord_may_not_read", values={}, fault=True)
        )
    return Finding(name="discord_does_not_read", values={})
