"""A question goes in; the turns that bear on it come out, of those that may be told where it was asked.

`words` packs what is said, `dates` reads times, `index` ranks, `shelf` keeps the indexes of the latest places at hand.
"""

from bot.memory.recall.index import TurnIndex, TurnMatch, TurnQuery
from bot.memory.recall.index_cache import TurnIndexCache
from bot.memory.recall.postings import pack_answer, pack_words

__all__ = ["TurnIndex", "TurnIndexCache", "TurnMatch", "TurnQuery", "pack_answer", "pack_words"]
