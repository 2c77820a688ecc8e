"""Answers are Markdown; here they become what each chat platform can show. Pure: no platform's library is imported.

Each platform gets messages that are never over its limit, never refused for their formatting, and lose no word.
"""

from __future__ import annotations

from bot.language import looks_like_a_question
from bot.markup.discord import discord_messages
from bot.markup.plain import fenced, plain, printable
from bot.markup.telegram import Entity, Rich, telegram_messages, telegram_quote, units

__all__ = [
    "Entity",
    "Rich",
    "discord_messages",
    "fenced",
    "looks_like_a_question",
    "plain",
    "printable",
    "telegram_messages",
    "telegram_quote",
    "units",
]
