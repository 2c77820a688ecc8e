"""Every command and button of every platform behind one door."""

from bot.controls.buttons import MOST_SOURCES
from bot.controls.doing import Controls
from bot.controls.registered import BY_NAME, COMMANDS, LANGUAGES, STYLES, Command
from bot.controls.values import Excerpt, Memories, Quizzes

__all__ = ["BY_NAME", "COMMANDS", "LANGUAGES", "MOST_SOURCES", "STYLES", "Command", "Controls", "Excerpt", "Memories", "Quizzes"]
