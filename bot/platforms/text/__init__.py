"""Answers are Markdown; here they become what each chat platform can show. Pure: no platform's library is imported.

Each platform gets messages that are never over its limit, never refused for their formatting, and lose no word.
"""

from __future__ import annotations

from bot.platforms.text.entities import Entity, Rich, telegram_messages, telegram_quote, units
from bot.platforms.text.fences import fenced
from bot.platforms.text.markup import discord_messages
from bot.platforms.text.plainly import plain
from bot.platforms.text.questions import looks_like_a_question

__all__ = [
    "Entity",
    "Rich",
    "discord_messages",
    "fenced",
    "looks_like_a_question",
    "plain",
    "telegram_messages",
    "telegram_quote",
    "units",
]
