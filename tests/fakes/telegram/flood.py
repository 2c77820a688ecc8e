"""Flood control: how often a bot may speak, as documented in the Bots FAQ ("My bot is hitting limits")."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

COUNTED = frozenset(
    {
        "sendMessage",
        "sendDocument",
        "sendPhoto",
        "sendPoll",
        "editMessageText",
        "editMessageReplyMarkup",
        "editMessageCaption",
        "stopPoll",
    }
)
"""What counts: everything that people see. That edits in groups count is observed, not documented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """The rates. About 1 message a second in a private chat, more in short bursts; 20 a minute in a group; 30 a second in all."""

    private_per_second: float = 1.0
    private_burst: int = 5
    group_per_minute: int = 20
    overall_per_second: int = 30
    counted: frozenset[str] = COUNTED
    longer: float = 1.0
    """Seconds that a request before the end of the wait adds to it."""


@dataclass(slots=True, kw_only=True)
class Gate:
    """Remembers what was let through, and who must wait until when."""

    flood: Flood
    private: dict[int, tuple[float, float]] = field(default_factory=dict)
    groups: dict[int, deque[float]] = field(default_factory=dict)
    overall: deque[float] = field(default_factory=deque)
    waits: dict[int, float] = field(default_factory=dict)
    """Until when a chat is closed; key 0 is all chats."""

    def asked(self, now: float, chat: int, *, private: bool) -> tuple[int, bool]:
        """Seconds to wait, 0 for none, and whether the bot had been told to wait."""
        for key in (0, chat):
            if self.waits.get(key, 0.0) > now:
                self.waits[key] += self.flood.longer
                return math.ceil(self.waits[key] - now), True
        key, wait = chat, self._private(now, chat) if private else self._group(now, chat)
        if not wait and (wait := self._overall(now)):
            key = 0
        if not wait:
            self._let_through(now, chat, private=private)
            return 0, False
        seconds = max(1, math.ceil(wait))
        self.waits[key] = now + seconds
        return seconds, False

    def _private(self, now: float, chat: int) -> float:
        left = self._tokens(now, chat)
        return 0.0 if left >= 1 else (1 - left) / self.flood.private_per_second

    def _tokens(self, now: float, chat: int) -> float:
        left, at = self.private.get(chat, (float(self.flood.private_burst), now))
        return min(float(self.flood.private_burst), left + (now - at) * self.flood.private_per_second)

    def _group(self, now: float, chat: int) -> float:
        return _window(self.groups.setdefault(chat, deque()), now, most=self.flood.group_per_minute, seconds=60.0)

    def _overall(self, now: float) -> float:
        return _window(self.overall, now, most=self.flood.overall_per_second, seconds=1.0)

    def _let_through(self, now: float, chat: int, *, private: bool) -> None:
        self.overall.append(now)
        if private:
            self.private[chat] = (self._tokens(now, chat) - 1, now)
        else:
            self.groups[chat].append(now)


def _window(times: deque[float], now: float, *, most: int, seconds: float) -> float:
    """Seconds until one more fits the window that slides over the times."""
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= most else 0.0
