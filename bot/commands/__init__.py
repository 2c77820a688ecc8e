"""Every command and button of every platform behind one door."""

from bot.commands.registry import BY_NAME, COMMANDS, LANGUAGES, STYLES, Command, InlineResult, Memories, Quizzes
from bot.commands.router import CommandRouter
from bot.commands.sources import MOST_SOURCES

__all__ = [
    "BY_NAME",
    "COMMANDS",
    "LANGUAGES",
    "MOST_SOURCES",
    "STYLES",
    "Command",
    "CommandRouter",
    "InlineResult",
    "Memories",
    "Quizzes",
]
