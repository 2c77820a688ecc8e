"""Somebody at a place goes in; the index of what may be told there comes out, loaded or brought up to date."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.memory.archive.dates import stretches
from bot.memory.archive.index import Match, TurnIndex, Wanted
from bot.memory.archive.words import weights_of
from bot.memory.scope import allowed
from bot.state.memories import Spot, WordsOfTurn
from bot.state.memories.turns import words_of_group, words_of_person

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

MOST_KEYS = 10_000_000
"""Keys in memory, over all indexes: 60 MB."""
ONESELF = re.compile(r"我|\b(?:i|my|me|mine|i'm|i've)\b", re.IGNORECASE)


class Shelf:
    """The indexes that were used last. In a group that is everybody's turns; in private, a person's own from everywhere."""

    def __init__(self, *, most_turns: int, most_keys: int = MOST_KEYS) -> None:
        self._most_turns = most_turns
        self._most_keys = most_keys
        self._indexes: OrderedDict[tuple[str, str], TurnIndex] = OrderedDict()
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def search(
        self, connection: AsyncConnection, question: str, here: Spot, *, now: float, limit: int
    ) -> tuple[Match, ...]:
        """The turns that bear on `question` and may be told `here`."""
        key = (here.owner, here.chat)
        async with self._locks.setdefault(key, asyncio.Lock()):
            index = self._indexes.get(key) or TurnIndex(answers_of=here.chat)
            fresh = allowed(await self._read(connection, here, after=index.last), here)
            found = await asyncio.to_thread(_search, index, fresh, question, here, now, limit)
            self._indexes[key] = index
            self._indexes.move_to_end(key)
            self._tidy()
        return found

    def clear(self) -> None:
        """Forget all that was loaded; the next searches load it anew."""
        self._indexes = OrderedDict()

    def _tidy(self) -> None:
        total = sum(index.keys for index in self._indexes.values())
        while total > self._most_keys and len(self._indexes) > 1:
            key, index = self._indexes.popitem(last=False)
            total -= index.keys
            self._drop_lock(key)

    def _drop_lock(self, key: tuple[str, str]) -> None:
        if key in self._locks and not self._locks[key].locked():
            del self._locks[key]

    async def _read(self, connection: AsyncConnection, here: Spot, *, after: int) -> tuple[WordsOfTurn, ...]:
        if here.private:
            return await words_of_person(connection, here.person, here.chat, after=after, limit=self._most_turns)
        return await words_of_group(connection, here.chat, after=after, limit=self._most_turns)


def _search(
    index: TurnIndex, fresh: tuple[WordsOfTurn, ...], question: str, here: Spot, now: float, limit: int
) -> tuple[Match, ...]:
    index.append(fresh)
    wanted = Wanted(
        weights=weights_of(question),
        text=question.lower(),
        asker=here.person if ONESELF.search(question) else "",
        times=stretches(question, datetime.fromtimestamp(now, UTC)),
    )
    return index.search(wanted, limit)
