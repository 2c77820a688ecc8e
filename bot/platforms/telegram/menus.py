"""Command menus in Chinese and English, by where the commands can be used."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.commands import COMMANDS, Command
from bot.types import Language

log = logging.getLogger(__name__)

LANGUAGES: tuple[tuple[str, Language], ...] = (("", "en"), ("en", "en"), ("zh", "zh"))
"""Telegram's code for an app's language, empty for all others, and ours."""


async def register_commands(bot: Bot, admins: Sequence[str]) -> None:
    """Everybody sees the commands for everybody; admins, and the admins of groups, see all. What fails is logged."""
    everybody = [command for command in COMMANDS if not (command.admin or command.moderator)]
    menus: list[tuple[BotCommandScope, Sequence[Command]]] = [
        (BotCommandScopeAllPrivateChats(), everybody),
        (BotCommandScopeAllGroupChats(), everybody),
        (BotCommandScopeAllChatAdministrators(), COMMANDS),
        *((BotCommandScopeChat(int(admin)), COMMANDS) for admin in admins if admin.isdecimal()),
    ]
    for scope, commands in menus:
        for code, language in LANGUAGES:
            await _register(bot, scope, commands, code, language)


async def _register(bot: Bot, scope: BotCommandScope, commands: Sequence[Command], code: str, language: Language) -> None:
    listed = [BotCommand(command.name, command.describe(language)) for command in commands]
    try:
        await bot.set_my_commands(listed, scope=scope, language_code=code or None)
    except TelegramError as error:  # an admin who never wrote to the bot has no chat yet
        log.info("commands not registered for %s: %s", scope.type, error)
