"""The memory of each person and place: what was said, and may be told where a question is asked."""

from bot.memory.memory import Memory
from bot.memory.policy import may_enter
from bot.memory.types import Export, Forgotten, Recalled, Remembered
from bot.memory.views import MemoryPages

__all__ = ["Export", "Forgotten", "Memory", "MemoryPages", "Recalled", "Remembered", "may_enter"]
