"""The memory of each person and place: what was said, and may be told where a question is asked."""

from bot.memory.memory import Memory
from bot.memory.pages import MemoryPages
from bot.memory.scope import may_enter
from bot.memory.values import Export, Forgotten, Recalled, Remembered

__all__ = ["Export", "Forgotten", "Memory", "MemoryPages", "Recalled", "Remembered", "may_enter"]
