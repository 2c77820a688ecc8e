"""A message of a group goes in; whether its author runs the group, and whether the bot hears everything there, comes out."""

from __future__ import annotations

import logging

from telegram import Bot, ChatMember, Message
from telegram.error import TelegramError

log = logging.getLogger(__name__)
RUNS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)


async def runs_the_group(bot: Bot, message: Message) -> bool:
    """Admins who hide behind their group write in its name."""
    if message.sender_chat:
        return message.sender_chat.id == message.chat.id
    return message.from_user is not None and await _status(bot, message.chat.id, message.from_user.id) in RUNS


async def hears_everything(bot: Bot, chat: int) -> bool:
    """Without privacy mode, or as an admin (https://core.telegram.org/bots/features#privacy-mode)."""
    return bool(bot.bot.can_read_all_group_messages) or await _status(bot, chat, bot.id) in RUNS


async def _status(bot: Bot, chat: int, user: int) -> str:
    try:
        return (await bot.get_chat_member(chat, user)).status
    except TelegramError as error:
        log.info("who somebody is in %d is not known: %s", chat, error)
        return ""
