"""Cache of turn indexes by person and place, loaded on demand and brought up to date."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from bot.memory.policy import allowed
from bot.memory.recall.index import TurnIndex, TurnMatch, TurnQuery
from bot.memory.recall.postings import stretches, weights_of
from bot.storage.memories import Audience, WordsOfTurn
from bot.storage.memories.turns import words_of_group, words_of_person

if TYPE_CHECKING:
    from bot.storage import Transaction

MOST_KEYS = 8_000_000
"""Keys in memory, over all indexes: 80 MB."""
ONESELF = re.compile(r"我|\b(?:i|my|me|mine|i'm|i've)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Place:
    """An index on the shelf."""

    index: TurnIndex
    lock: Lock = field(default_factory=Lock)
    counted: int = 0
    """How many of its keys are part of the shelf's sum."""


class TurnIndexCache:
    """The indexes that were used last. In a group that is everybody's turns; in private, a person's own from everywhere.

    Searched in the threads of the database, several at once.
    """

    def __init__(self, *, most_turns: int, most_keys: int = MOST_KEYS) -> None:
        self._most_turns = most_turns
        self._most_keys = most_keys
        self._places: OrderedDict[tuple[str, str], _Place] = OrderedDict()
        self._keys = 0
        self._lock = Lock()

    def search(self, connection: Transaction, question: str, here: Audience, *, now: float, limit: int) -> tuple[TurnMatch, ...]:
        """The turns that bear on `question` and may be told `here`.

        To be the first reading of its transaction: an index that is taken from the shelf before anything is read is one that
        `clear` throws away if what it then reads was deleted meanwhile.
        """
        place = self._taken(here)
        with place.lock:
            place.index.append(allowed(self._read(connection, here, after=place.index.last), here))
            found = place.index.search(_wanted(question, here, now), limit)
        self._count((here.owner, here.chat), place)
        return found

    def clear(self) -> None:
        """Forget all that was loaded; the next searches load it anew."""
        with self._lock:
            self._places.clear()
            self._keys = 0

    def noted(self, first: int) -> None:
        """Turns from the id `first` on were put into the archive: an index that is beyond it would never look for them."""
        with self._lock:
            for key in [key for key, place in self._places.items() if place.index.last >= first]:
                self._keys -= self._places.pop(key).counted

    def _taken(self, here: Audience) -> _Place:
        key = (here.owner, here.chat)
        with self._lock:
            place = self._places.setdefault(key, _Place(TurnIndex(answers_of=here.chat)))
            self._places.move_to_end(key)
        return place

    def _count(self, key: tuple[str, str], place: _Place) -> None:
        """Count what an index has grown by, and put away those that were not used for longest."""
        with self._lock:
            if self._places.get(key) is not place:
                return
            self._keys += place.index.keys - place.counted
            place.counted = place.index.keys
            while self._keys > self._most_keys and len(self._places) > 1:
                self._keys -= self._places.popitem(last=False)[1].counted

    def _read(self, connection: Transaction, here: Audience, *, after: int) -> tuple[WordsOfTurn, ...]:
        if here.private:
            return words_of_person(connection, here.person, here.chat, after=after, limit=self._most_turns)
        return words_of_group(connection, here.chat, after=after, limit=self._most_turns)


def _wanted(question: str, here: Audience, now: float) -> TurnQuery:
    return TurnQuery(
        weights=weights_of(question),
        text=question.lower(),
        asker=here.person if ONESELF.search(question) else "",
        times=stretches(question, datetime.fromtimestamp(now, UTC)),
    )
