"""Renderer: one or more messages show the newest snapshot of an answer. The last snapshot always arrives, whole.

In a private chat the beginnings of an answer are a draft, where the server has drafts. Every message begins as "…", its number
is noted at once, and everything else comes by edits: whatever moment the program is killed at, the answer goes on in the same
messages, and nobody reads it twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.markup import Rich
from bot.platforms.protocol import Exchange
from bot.platforms.telegram.drafts import Draft
from bot.platforms.telegram.errors import Gone
from bot.platforms.telegram.parser import Target
from bot.platforms.telegram.sender import MessageSender, messages_of
from bot.types import Answer, AnswerState, Button

log = logging.getLogger(__name__)

BEGINNING = Rich(text="…")
PATIENCE_S = 3.0
"""For so long a question waits for its turn without a word; the chat shows that the bot is typing."""


class TelegramRenderer:
    """The messages of one answer."""

    def __init__(
        self,
        speaker: MessageSender,
        to: Target,
        *,
        exchange: Exchange,
        empty: str,
        reply_to: int | None = None,
        before: asyncio.Event | None = None,
        is_pressed: Callable[[int], bool] = lambda chat: False,
        sketch: Draft | None = None,
    ) -> None:
        """`empty` is said for no text.

        `before` is `begun` of what was asked before this in the same place: that one's message comes first. Where `is_pressed`
        says that a group's minute is nearly full, the answer is one message, complete, and nothing before it. With a `sketch`,
        there is no message before the answer is final, or too long for one.
        """
        self.begun = asyncio.Event()
        """Set when it has a message, or will have none."""
        self.readable = False
        """Whether there are words of the answer to be read."""
        self._speaker = speaker
        self._to = to
        self._exchange = exchange
        self._empty = empty
        self._reply_to = reply_to
        self._before = before
        self._draft = sketch
        self._is_pressed = is_pressed
        self._patient = False
        self._ids = [int(message) for message in exchange.event.outbound]
        self._since = time.monotonic()
        self._looks: dict[int, tuple[Rich, tuple[Button, ...]]] = {}

    async def draw(self, answer: Answer) -> None:
        """Show a snapshot; one that is not the last is left out where there is no room for it.

        Raises:
            Unreachable, Undelivered: see `Speaker.send`.
        """
        if answer.final:
            await self._finish(answer)
        elif answer.state is AnswerState.PARTIAL:
            await self._sketch(answer)
        else:
            await self._begin(answer)

    async def _begin(self, answer: Answer) -> None:
        """A first sign, "…". How many are before it is told only to who has waited for a while: every message counts."""
        if self._draft and not self._draft.refused and not self._ids:
            return
        if answer.text and time.monotonic() - self._since < PATIENCE_S:
            return
        if self._before:
            await self._before.wait()
        may_begin = self._speaker.pacer.is_open(self._chat) and not self._is_pressed(self._chat)
        if self._may_edit() if self._ids else may_begin:
            await self._show(await messages_of(answer.text) or (BEGINNING,), (self._exchange.stop,))

    async def _sketch(self, answer: Answer) -> None:
        if self._draft and not self._ids:
            parts = await messages_of(answer.text)
            if len(parts) <= 1 and (not parts or await self._draft.draw(parts[0])):
                self.readable = self.readable or bool(parts)
                return
        if not self._ids and (not self._speaker.pacer.is_open(self._chat) or self._is_pressed(self._chat)):
            return
        if self._ids and not self._may_edit():
            return
        parts = await messages_of(answer.text)
        if parts:
            self.readable = True
            await self._show(parts, (self._exchange.stop,))

    async def _finish(self, answer: Answer) -> None:
        self._patient = answer.patient
        if answer.state is AnswerState.REFUSED and self._exchange.said.edited and not self._looks:
            self._ids = []  # a refusal does not take the place of an earlier answer
        parts = await messages_of(answer.text) or await messages_of(self._empty)
        self.readable = True
        await self._show(parts, tuple(self._exchange.buttons(answer)))
        for message in self._ids[len(parts) :]:
            await self._speaker.delete(self._to, message)

    @property
    def _chat(self) -> int:
        return self._speaker.now(self._to.chat)

    def _may_edit(self) -> bool:
        return self._speaker.pacer.is_spare(self._chat)

    async def _show(self, parts: Sequence[Rich], buttons: tuple[Button, ...]) -> None:
        """The buttons stand below the last part. In a chat that has moved the answer begins anew."""
        self._follow()
        for at, rich in enumerate(parts):
            await self._put(at, rich, buttons if at == len(parts) - 1 else ())
            if self._follow():
                return await self._show(parts, buttons)
        return None

    def _follow(self) -> bool:
        """Whether the chat has another number now; messages with the old one cannot be changed from there."""
        moved = self._chat != self._to.chat
        if moved:
            self._to = replace(self._to, chat=self._chat, thread=None)
            self._ids, self._looks, self._reply_to = [], {}, None
        return moved

    async def _put(self, at: int, rich: Rich, buttons: tuple[Button, ...]) -> None:
        if at >= len(self._ids):
            if self._is_pressed(self._chat):
                await self._add(at, rich, buttons)
            else:
                await self._add(at)
        if self._looks.get(at) == (rich, buttons):
            return
        try:
            await self._speaker.edit(self._to, self._ids[at], rich, buttons, patient=self._patient)
        except Gone as gone:
            log.info("a message of an answer is gone, there is a new one: %s", gone)
            if self._chat != self._to.chat:
                return
            await self._add(at)
            await self._speaker.edit(self._to, self._ids[at], rich, buttons, patient=self._patient)
        self._looks[at] = (rich, buttons)

    async def _add(self, at: int, rich: Rich = BEGINNING, buttons: tuple[Button, ...] | None = None) -> None:
        """A message for part `at`, noted as soon as it is there."""
        buttons = (self._exchange.stop,) if buttons is None else buttons
        reply_to = self._reply_to if at == 0 else None
        message = await self._speaker.send(self._to, rich, buttons, reply_to=reply_to, patient=self._patient)
        self._to = replace(self._to, chat=self._chat)
        self._ids[at : at + 1] = [message]
        self._looks[at] = (rich, buttons)
        self.begun.set()
        await self._noted(self._ids)

    async def _noted(self, ids: Sequence[int]) -> None:
        await self._exchange.note([str(message) for message in ids])
