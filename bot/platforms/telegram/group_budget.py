"""A group's minute holds 20 messages: questions that would find no room in it are turned away at once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from bot.platforms.telegram.rate_limiter import RequestPacer

RESERVE = 2
"""Messages of a minute that are kept for saying why, and for what is no answer."""
NOTICE_S = 30.0
"""Between two lines that say why; each of them names the sign that the questions in between get."""


class GroupBudget:
    """What each group's answers that are under way will still need; private chats have no such limit."""

    def __init__(self, pacer: RequestPacer, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pacer = pacer
        self._clock = clock
        self._owed: Counter[int] = Counter()
        self._told: dict[int, float] = {}

    def has_room(self, chat: int) -> bool:
        """Whether one more answer finds room in this minute."""
        return chat > 0 or self._owed[chat] + RESERVE < self._pacer.left(chat)

    def is_pressed(self, chat: int) -> bool:
        """Whether answers have to do with one message each."""
        return chat < 0 and 2 * (self._owed[chat] + RESERVE) >= self._pacer.left(chat)

    def owe(self, chat: int) -> None:
        """One more answer is under way."""
        self._owed[chat] += 1

    def settle(self, chat: int) -> None:
        """It is there."""
        self._owed[chat] -= 1
        if not self._owed[chat]:
            del self._owed[chat]

    def may_say_why(self, chat: int) -> bool:
        """True once in a while."""
        now = self._clock()
        self._told = {other: until for other, until in self._told.items() if until > now}
        return self._told.setdefault(chat, now + NOTICE_S) == now + NOTICE_S

    def wait(self, chat: int) -> float:
        """Seconds until there is room for an answer again."""
        return self._pacer.wait_for(chat, self._owed[chat] + RESERVE + 1)
