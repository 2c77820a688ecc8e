"""What memory keeps in the database: noted turns, summaries, items, and who wants none of it."""

from bot.state.memories.forgetting import Forgetting
from bot.state.memories.items import Items
from bot.state.memories.places import Places
from bot.state.memories.reading import Here, read_here
from bot.state.memories.summaries import Summaries
from bot.state.memories.turns import NotedTurns
from bot.state.memories.values import Item, NewItem, Said, SaidTurn, Spot, Summary, WordsOfTurn

__all__ = [
    "Forgetting",
    "Here",
    "Item",
    "Items",
    "NewItem",
    "NotedTurns",
    "Places",
    "Said",
    "SaidTurn",
    "Spot",
    "Summaries",
    "Summary",
    "WordsOfTurn",
    "read_here",
]
