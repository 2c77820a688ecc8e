"""Telegram: what people write becomes questions, commands and presses; answers and pages become messages, drawn by edits."""

from __future__ import annotations

from bot.platforms.telegram.bot import TelegramBot, connect

__all__ = ["TelegramBot", "connect"]
