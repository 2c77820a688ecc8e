"""Where an answer is drawn: a channel, the response to an interaction, or a thread that a long exchange moves into."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import discord

from bot.platforms.discord.api import DiscordApi, Drawn, Expired
from bot.platforms.protocol import ChatUnreachable
from bot.settings import ThreadSettings

log = logging.getLogger(__name__)

ORIGINAL = "@original"


class InChannel:
    """Ordinary messages; the first is a reply to the question."""

    def __init__(self, wire: DiscordApi, channel: int, reply_to: int = 0) -> None:
        self._wire = wire
        self._channel = channel
        self._reply_to = reply_to

    async def send(self, drawn: Drawn, nonce: str) -> str:
        reply_to, self._reply_to = self._reply_to, 0
        return await self._wire.send(self._channel, drawn, nonce=nonce, reply_to=reply_to)

    async def edit(self, message: str, drawn: Drawn) -> None:
        await self._wire.edit(self._channel, message, drawn)

    async def delete(self, message: str) -> None:
        await self._wire.delete(self._channel, message)


class InResponse:
    """The response to an interaction that was deferred: its "is thinking…" is the first message.

    When the token is no longer good (15 minutes), a public answer goes on by ordinary edits; one for a single person cannot.
    Further public messages are ordinary ones from the start, where the bot is in the channel: they have a nonce.
    """

    def __init__(self, wire: DiscordApi, token: str, channel: int, *, private: bool) -> None:
        self._wire = wire
        self._token = token
        self._private = private
        self._channel = InChannel(wire, channel)
        self._begun = False
        self._expired = False

    async def send(self, drawn: Drawn, nonce: str) -> str:
        if not self._begun and not self._expired:
            self._begun = True
            try:
                first = await self._wire.respond(self._token, ORIGINAL, drawn)
                if first:
                    return first
            except Expired:
                self._expired = True
        if self._private:
            return await self._follow_up(drawn)
        try:
            return await self._channel.send(drawn, nonce)
        except ChatUnreachable:  # used by somebody who has brought the bot along to a place where it is no member
            return await self._follow_up(drawn)

    async def edit(self, message: str, drawn: Drawn) -> None:
        self._begun = True
        if not self._expired:
            try:
                await self._wire.respond(self._token, message, drawn)
                return
            except Expired:
                self._expired = True
        if self._private:
            raise ChatUnreachable("a private response, and its token is too old")
        await self._channel.edit(message, drawn)

    async def delete(self, message: str) -> None:
        try:
            await self._wire.withdraw(self._token, message)
        except Expired:
            if not self._private:
                await self._channel.delete(message)

    async def whisper(self, messages: Sequence[Drawn]) -> None:
        """Say it to the person alone, in place of a first message that everybody would see.

        That one goes first: Discord takes the next message for its text as long as it is there. Without a good token
        nothing is said: it would be for everybody to read.
        """
        if not self._private:
            await self.withdraw()
        await self.tell(messages)

    async def tell(self, messages: Sequence[Drawn]) -> None:
        """Say it to the person alone, below what is there."""
        try:
            for drawn in messages:
                await self._wire.follow_up(self._token, drawn, private=True)
        except Expired:
            log.info("a line for one person came too late to be said in private")

    async def change(self, message: str, drawn: Drawn) -> None:
        """Put something else into the message whose button was pressed."""
        try:
            await self._wire.respond(self._token, message, drawn)
        except Expired:
            log.info("a press came too late to change its message")

    async def withdraw(self) -> None:
        """Nothing is to be said: take "is thinking…" away."""
        try:
            await self._wire.withdraw(self._token)
        except Expired:
            log.info("a response could not be withdrawn: its token is too old")

    async def _follow_up(self, drawn: Drawn) -> str:
        try:
            return await self._wire.follow_up(self._token, drawn, private=self._private)
        except Expired as expired:
            raise ChatUnreachable(str(expired)) from expired


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
