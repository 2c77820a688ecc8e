"""Recall of earlier turns that bear on a question, of those that may be shown where it was asked.

`postings` packs what is said, `dates` reads times, `index` ranks, `index_cache` keeps the indexes of the latest places at hand.
"""

from bot.memory.recall.index import TurnIndex, TurnMatch, TurnQuery
from bot.memory.recall.index_cache import TurnIndexCache
from bot.memory.recall.postings import pack_answer, pack_words

__all__ = ["TurnIndex", "TurnIndexCache", "TurnMatch", "TurnQuery", "pack_answer", "pack_words"]
