"""Telegram checks of `notesbot doctor`. Asks, and changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.platforms.telegram.client import TelegramClient
from bot.settings import SettingsProblem, TelegramSettings
from bot.types import Finding


async def look(token: str, settings: TelegramSettings) -> AsyncIterator[Finding]:
    """Whether Telegram knows the token, what the bot may read in groups, and where updates go."""
    try:
        client = TelegramClient(token, settings)
    except SettingsProblem as problem:
        yield Finding(name="platform_bad", values={"platform": "Telegram", "why": problem}, fault=True)
        return
    if client.proxy:
        yield Finding(name=f"proxy_{client.proxy.via}", values={"platform": "Telegram", "proxy": client.proxy.shown})
    try:
        await client.bot.initialize()
        me = client.bot.bot
        yield Finding(name="telegram_ok", values={"username": me.username})
        reads_all = bool(me.can_read_all_group_messages)
        yield Finding(name="telegram_reads_all", values={}) if reads_all else Finding(name="telegram_reads_own", values={})
        if settings.answer_all_in and not reads_all:
            yield Finding(name="telegram_cannot_read", values={"chats": ", ".join(settings.answer_all_in)}, fault=True)
        async for found in _webhook(client.bot, settings):
            yield found
    except InvalidToken:
        yield Finding(name="telegram_unknown_token", values={}, fault=True)
    except TelegramError as error:
        yield Finding(name="telegram_unreachable", values={"why": error.message}, fault=True)
    finally:
        await client.close()


async def _webhook(bot: Bot, settings: TelegramSettings) -> AsyncIterator[Finding]:
    known = await bot.get_webhook_info()
    wanted = settings.webhook.url
    if known.url and not wanted:
        yield Finding(name="telegram_webhook_set", values={"url": known.url})
    elif wanted and known.url == wanted and known.last_error_message:
        why, waiting = known.last_error_message, known.pending_update_count
        yield Finding(name="telegram_webhook_fails", values={"url": wanted, "why": why, "count": waiting}, fault=True)
