"""When a long exchange in a channel moves into a thread."""

from __future__ import annotations

import time
from collections.abc import Callable

import discord

from bot.settings import ThreadSettings

PAUSE_S = 600.0
"""A question that comes later than this begins a new exchange."""
MOST = 1000
"""Channels that are remembered."""
NAME = 90
"""Characters of a thread's name; Discord takes 100."""


class ThreadMoves:
    """Counts the answers in a row, channel by channel."""

    def __init__(self, settings: ThreadSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._counts: dict[str, tuple[int, float]] = {}

    def answered(self, chat: str) -> None:
        """A question in the channel itself was answered."""
        self._counts[chat] = (self._count(chat) + 1, self._clock())
        while len(self._counts) > MOST:
            del self._counts[next(iter(self._counts))]

    def moves(self, chat: str) -> bool:
        """True when the next answer is to open a thread, which ends the exchange in the channel."""
        if not self._settings.after or chat in self._settings.except_in or self._count(chat) < self._settings.after:
            return False
        del self._counts[chat]
        return True

    def _count(self, chat: str) -> int:
        count, at = self._counts.get(chat, (0, 0.0))
        return 0 if self._clock() - at > PAUSE_S else count


def may_open_thread(channel: object) -> bool:
    """In text channels where the bot may open a thread and write in it."""
    if not isinstance(channel, discord.TextChannel) or channel.guild.me is None:
        return False
    may = channel.permissions_for(channel.guild.me)
    return may.create_public_threads and may.send_messages_in_threads


def thread_name(question: str) -> str:
    words = " ".join(question.split())
    return words if len(words) <= NAME else words[: NAME - 1] + "…"
