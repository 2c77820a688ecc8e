"""What memory keeps in the database: noted turns, summaries, items, and who wants none of it."""

from bot.storage.memories.deletion import TurnDeletion
from bot.storage.memories.facts import Items
from bot.storage.memories.summaries import Summaries
from bot.storage.memories.turns import Here, MemoryPreferences, NotedTurns, read_here
from bot.storage.memories.types import Audience, Item, NewItem, QuotedWords, Summary, TurnOrigin, TurnWithText, WordsOfTurn

__all__ = [
    "Audience",
    "Here",
    "Item",
    "Items",
    "MemoryPreferences",
    "NewItem",
    "NotedTurns",
    "QuotedWords",
    "Summaries",
    "Summary",
    "TurnDeletion",
    "TurnOrigin",
    "TurnWithText",
    "WordsOfTurn",
    "read_here",
]
