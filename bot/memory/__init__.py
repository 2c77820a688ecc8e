"""The memory of each person and place: what was said, and may be told where a question is asked."""

from bot.memory.context import Export, Forgotten, RecalledTurn, Remembered
from bot.memory.memory import Memory
from bot.memory.policy import may_enter
from bot.memory.views import MemoryPages, erased_page

__all__ = ["Export", "Forgotten", "Memory", "MemoryPages", "RecalledTurn", "Remembered", "erased_page", "may_enter"]
