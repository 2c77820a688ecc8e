"""How often the bot may speak: requests wait here for their turn, chat by chat in order; one chat never holds up another.

The rates are those of the Bots FAQ ("My bot is hitting limits", https://core.telegram.org/bots/faq), with room to spare: a
message a second in a private chat and a few in a burst, 20 a minute in a group, 30 a second in all. Edits count as messages do.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

MEANS_ALL = 3
"""So many chats that are told to wait at the same time mean that the bot as a whole is too fast."""
PATIENT_S = 0.02
REMEMBERED = 5000
"""Chats in memory; those that have been silent for a minute are dropped when there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Seconds and counts."""

    private_every: float = 1.0
    private_burst: int = 4
    group_most: int = 18
    group_window: float = 60.0
    overall_every: float = 0.04
    edit_every: float = 1.0
    """The shortest time between two edits that may be left out, in a private chat."""
    group_edit_every: float = 3.0


class Gate:
    """One chat."""

    def __init__(self, rates: Rates, *, private: bool) -> None:
        self.lock = asyncio.Lock()
        self.held_until = 0.0
        self.last = float("-inf")
        self._rates = rates
        self._private = private
        self._left, self._at = float(rates.private_burst), 0.0
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until a message may go."""
        held = self.held_until - now
        if self._private:
            return max(held, (1 - self._tokens(now)) * self._rates.private_every)
        self._forget(now)
        full = len(self._times) >= self._rates.group_most
        return max(held, self._times[0] + self._rates.group_window - now if full else 0.0)

    def let(self, now: float) -> None:
        self.last = now
        if self._private:
            self._left, self._at = self._tokens(now) - 1, now
        else:
            self._times.append(now)

    def is_spare(self, now: float) -> bool:
        """Whether an edit that may be left out may go; half of a group's minute, and a private chat's last token, are kept."""
        if self.lock.locked() or self.held_until > now:
            return False
        if self._private:
            return now - self.last >= self._rates.edit_every and self._tokens(now) >= 2
        self._forget(now)
        return now - self.last >= self._rates.group_edit_every and len(self._times) < self._rates.group_most // 2

    def left(self, now: float) -> int:
        """Messages that a group's minute still holds."""
        self._forget(now)
        return self._rates.group_most - len(self._times)

    def wait_for(self, now: float, count: int) -> float:
        """Seconds until so many messages may go."""
        missing = min(count - self.left(now), len(self._times))
        return self._times[missing - 1] + self._rates.group_window - now if missing > 0 else 0.0

    def _tokens(self, now: float) -> float:
        return min(float(self._rates.private_burst), self._left + (now - self._at) / self._rates.private_every)

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] <= now - self._rates.group_window:
            self._times.popleft()


class RequestPacer:
    """All chats of one bot."""

    def __init__(self, rates: Rates | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates = rates or Rates()
        self._clock = clock
        self._gates: dict[int, Gate] = {}
        self._overall = asyncio.Lock()
        self._patient = asyncio.Lock()
        self._queued = 0
        """Requests whose chat lets them go, and that wait for the bot's own rate."""
        self._last = float("-inf")
        self._held_until = 0.0
        self._told: dict[int, float] = {}

    async def turn(self, chat: int, *, patient: bool = False) -> None:
        """Return when a message to a chat, or an edit, may go. First come, first served in each chat.

        What is `patient` lets everything else go first: one such request at a time waits until nobody else does.
        """
        if not patient:
            return await self._turn(chat)
        async with self._patient:
            while self._queued or self._gate(chat).lock.locked():  # noqa: ASYNC110 - whoever waits changes all the time
                await asyncio.sleep(PATIENT_S)
            return await self._turn(chat)

    async def _turn(self, chat: int) -> None:
        gate = self._gate(chat)
        async with gate.lock:
            while True:
                while (wait := self._wait(gate)) > 0:  # noqa: ASYNC110 - it waits for a time, not for an event
                    await asyncio.sleep(wait)
                await self._slot()
                if self._wait(gate) <= 0:
                    break
            gate.let(self._clock())

    async def _slot(self) -> None:
        """One after the other, never closer than the rate of all chats together; also when the program itself was slow."""
        self._queued += 1
        try:
            async with self._overall:
                wait = self._last + self._rates.overall_every - self._clock()
                if wait > 0:
                    await asyncio.sleep(wait)
                self._last = self._clock()
        finally:
            self._queued -= 1

    def _wait(self, gate: Gate) -> float:
        now = self._clock()
        return max(gate.wait(now), self._held_until - now)

    def is_spare(self, chat: int) -> bool:
        """Whether an edit that may be left out may go now: nobody else waits, in the chat or in all."""
        now = self._clock()
        return not self._overall.locked() and self._held_until <= now and self._gate(chat).is_spare(now)

    def is_open(self, chat: int) -> bool:
        """Whether a message may go now, without a wait."""
        gate = self._gate(chat)
        return not gate.lock.locked() and self._wait(gate) <= 0

    def left(self, chat: int) -> int:
        """Messages that the minute of a group still holds."""
        return self._gate(chat).left(self._clock())

    def wait_for(self, chat: int, count: int) -> float:
        """Seconds until a group may be sent so many messages."""
        return self._gate(chat).wait_for(self._clock(), count)

    def is_held(self, chat: int) -> bool:
        """Whether Telegram has told to wait, and that time is not over."""
        now = self._clock()
        return max(self._gate(chat).held_until, self._held_until) > now

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram has told to wait; requests before the end of it would make the wait longer.

        It does not say whether it means the chat or the bot: when several chats are told at a time, it means the bot.
        """
        now = self._clock()
        gate = self._gate(chat)
        gate.held_until = max(gate.held_until, now + seconds)
        self._told = {other: until for other, until in self._told.items() if until > now} | {chat: gate.held_until}
        if len(self._told) >= MEANS_ALL:
            self._held_until = max(self._held_until, now + seconds)

    def _gate(self, chat: int) -> Gate:
        gate = self._gates.get(chat)
        if gate is None:
            self._drop_silent()
            gate = self._gates[chat] = Gate(self._rates, private=chat > 0)
        return gate

    def _drop_silent(self) -> None:
        if len(self._gates) >= REMEMBERED:
            before = self._clock() - self._rates.group_window
            kept = {
                chat: gate for chat, gate in self._gates.items() if gate.lock.locked() or max(gate.last, gate.held_until) > before
            }
            self._gates = kept


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
