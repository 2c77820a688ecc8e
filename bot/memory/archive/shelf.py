"""Somebody at a place goes in; the index of what may be told there comes out, loaded or brought up to date."""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from bot.memory.archive.dates import stretches
from bot.memory.archive.index import Match, TurnIndex, Wanted
from bot.memory.archive.words import weights_of
from bot.memory.scope import allowed
from bot.state.memories import Spot, WordsOfTurn
from bot.state.memories.turns import words_of_group, words_of_person

if TYPE_CHECKING:
    from bot.state import Transaction

MOST_KEYS = 10_000_000
"""Keys in memory, over all indexes: 60 MB."""
ONESELF = re.compile(r"我|\b(?:i|my|me|mine|i'm|i've)\b", re.IGNORECASE)


class Shelf:
    """The indexes that were used last. In a group that is everybody's turns; in private, a person's own from everywhere.

    Searched in the threads of the database, several at once.
    """

    def __init__(self, *, most_turns: int, most_keys: int = MOST_KEYS) -> None:
        self._most_turns = most_turns
        self._most_keys = most_keys
        self._indexes: OrderedDict[tuple[str, str], tuple[TurnIndex, Lock]] = OrderedDict()
        self._lock = Lock()

    def search(self, connection: Transaction, question: str, here: Spot, *, now: float, limit: int) -> tuple[Match, ...]:
        """The turns that bear on `question` and may be told `here`."""
        index, lock = self._taken(here)
        with lock:
            index.append(allowed(self._read(connection, here, after=index.last), here))
            found = index.search(_wanted(question, here, now), limit)
        self._tidy()
        return found

    def clear(self) -> None:
        """Forget all that was loaded; the next searches load it anew."""
        with self._lock:
            self._indexes.clear()

    def _taken(self, here: Spot) -> tuple[TurnIndex, Lock]:
        key = (here.owner, here.chat)
        with self._lock:
            taken = self._indexes.setdefault(key, (TurnIndex(answers_of=here.chat), Lock()))
            self._indexes.move_to_end(key)
        return taken

    def _tidy(self) -> None:
        with self._lock:
            total = sum(index.keys for index, _ in self._indexes.values())
            while total > self._most_keys and len(self._indexes) > 1:
                _, (index, _) = self._indexes.popitem(last=False)
                total -= index.keys

    def _read(self, connection: Transaction, here: Spot, *, after: int) -> tuple[WordsOfTurn, ...]:
        if here.private:
            return words_of_person(connection, here.person, here.chat, after=after, limit=self._most_turns)
        return words_of_group(connection, here.chat, after=after, limit=self._most_turns)


def _wanted(question: str, here: Spot, now: float) -> Wanted:
    return Wanted(
        weights=weights_of(question),
        text=question.lower(),
        asker=here.person if ONESELF.search(question) else "",
        times=stretches(question, datetime.fromtimestamp(now, UTC)),
    )
