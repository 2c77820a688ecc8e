"""Renderer: one or more messages show the newest snapshot of an answer. The last snapshot always arrives, whole.

In a private chat the beginnings of an answer are a draft, where the server has drafts. Every message begins as "…", its number
is noted at once, and everything else comes by edits: whatever moment the program is killed at, the answer goes on in the same
messages, and nobody reads it twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import blake2b

from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.markup import Rich
from bot.platforms.protocol import Exchange
from bot.platforms.telegram.client import Gone, seconds_of
from bot.platforms.telegram.parser import Target
from bot.platforms.telegram.rate_limiter import RequestPacer
from bot.platforms.telegram.sender import MessageSender, entities_of, messages_of
from bot.types import Answer, AnswerState, Button

AFTER_S, AGAIN_S = 0.5, 4.5
"""Telegram shows it for 5 seconds; what is answered at once needs none."""
IsReadable = Callable[[], bool]


class TypingIndicator:
    """All chats of one bot."""

    def __init__(self, speaker: MessageSender) -> None:
        self._speaker = speaker
        self._waiting: dict[Target, list[IsReadable]] = {}
        self._shown: dict[Target, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def shown(self, to: Target, is_readable: IsReadable) -> AsyncIterator[None]:
        """While the block runs, unless `is_readable` tells that there are words already: those of the oldest block count."""
        waiting = self._waiting.setdefault(to, [])
        waiting.append(is_readable)
        if to not in self._shown:
            self._shown[to] = asyncio.create_task(self._show(to, waiting))
        try:
            yield
        finally:
            waiting.remove(is_readable)
            if not waiting:
                del self._waiting[to]
                task = self._shown.pop(to)
                task.cancel()
                await asyncio.wait({task})

    async def _show(self, to: Target, waiting: list[IsReadable]) -> None:
        await asyncio.sleep(AFTER_S)
        while True:
            if not waiting[0]():
                await self._speaker.type(to)
            await asyncio.sleep(AGAIN_S)


STOPPABLE = {"can_stop": True}
"""The app shows a button (Bot API 10.3); an older server does not look at this. A press comes as `stopped_message_generation`."""


class DraftSession:
    """The drafts of one bot."""

    def __init__(self, bot: Bot, pacer: RequestPacer, *, wanted: bool, every_s: float) -> None:
        self._bot = bot
        self._pacer = pacer
        self._wanted = wanted
        self._every_s = every_s

    def sketch(self, to: Target, event: str) -> Draft | None:
        """The draft of an answer to an event; None where there are none."""
        return Draft(self, to, _number(event)) if self._wanted and to.private else None

    async def put(self, to: Target, number: int, rich: Rich) -> bool:
        """False when the server will not have it; what passes by itself is left for the next time."""
        try:
            await self._bot.send_message_draft(
                to.chat, number, rich.text, message_thread_id=to.thread, entities=entities_of(rich), api_kwargs=STOPPABLE
            )
        except InvalidToken:  # a method that the server does not know is "not found", as a token is
            self._wanted = False
            log.info("the server knows no drafts; answers grow by edits")
            return False
        except (BadRequest, Forbidden) as error:
            log.info("a draft was refused in %d: %s", to.chat, error)
            return False
        except RetryAfter as error:
            self._pacer.hold(to.chat, seconds_of(error) + 0.1)
        except NetworkError as error:
            log.info("a draft was not shown in %d: %s", to.chat, error)
        return True

    def may_put(self, to: Target, last: float) -> bool:
        return time.monotonic() - last >= self._every_s and not self._pacer.is_held(to.chat)


class Draft:
    """The draft of one answer."""

    def __init__(self, sketching: DraftSession, to: Target, number: int) -> None:
        self._sketching = sketching
        self._to = to
        self._number = number
        self._last = float("-inf")
        self.refused = False

    async def draw(self, rich: Rich) -> bool:
        """Show it, or leave it out when the last one was a moment ago; False when drafts are refused."""
        if not self.refused and self._sketching.may_put(self._to, self._last):
            self.refused = not await self._sketching.put(self._to, self._number, rich)
            self._last = time.monotonic()
        return not self.refused


def _number(event: str) -> int:
    """The same for the same event, so that the draft goes on after a restart; never 0."""
    return int.from_bytes(blake2b(event.encode(), digest_size=4).digest()) >> 1 or 1


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
