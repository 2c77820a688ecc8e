"""What memory keeps in the database: noted turns, summaries, items, and who wants none of it."""

from bot.storage.memories.deletion import Forgetting
from bot.storage.memories.facts import Items
from bot.storage.memories.queries import Here, read_here
from bot.storage.memories.settings import Places
from bot.storage.memories.summaries import Summaries
from bot.storage.memories.turns import NotedTurns
from bot.storage.memories.types import Item, NewItem, QuotedWords, Said, SaidTurn, Spot, Summary, WordsOfTurn

__all__ = [
    "Forgetting",
    "Here",
    "Item",
    "Items",
    "NewItem",
    "NotedTurns",
    "Places",
    "QuotedWords",
    "Said",
    "SaidTurn",
    "Spot",
    "Summaries",
    "Summary",
    "WordsOfTurn",
    "read_here",
]
