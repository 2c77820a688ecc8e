"""When a long exchange in a channel moves into a thread."""

from __future__ import annotations

import time
from collections.abc import Callable

import discord

from bot.settings import Threads

PAUSE_S = 600.0
"""A question that comes later than this begins a new exchange."""
MOST = 1000
"""Channels that are remembered."""
NAME = 90
"""Characters of a thread's name; Discord takes 100."""


class Exchanges:
    """Counts the questions in a row, channel by channel."""

    def __init__(self, settings: Threads, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._counts: dict[str, tuple[int, float]] = {}

    def moves(self, chat: str, *also: str) -> bool:
        """Count a question; True when its answer is to open a thread, which ends the exchange in the channel."""
        if not self._settings.after or {chat, *also} & set(self._settings.except_in):
            return False
        count, at = self._counts.pop(chat, (0, self._clock()))
        count = 1 if self._clock() - at > PAUSE_S else count + 1
        if count > self._settings.after:
            return True
        self._counts[chat] = (count, self._clock())
        while len(self._counts) > MOST:
            del self._counts[next(iter(self._counts))]
        return False


def may_open_thread(channel: object) -> bool:
    """In text channels where the bot may open a thread and write in it."""
    if not isinstance(channel, discord.TextChannel):
        return False
    may = channel.permissions_for(channel.guild.me)
    return may.create_public_threads and may.send_messages_in_threads


def thread_name(question: str) -> str:
    words = " ".join(question.split())
    return words if len(words) <= NAME else words[: NAME - 1] + "…"
