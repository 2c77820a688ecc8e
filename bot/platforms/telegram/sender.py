"""Sender of texts and pages, new or in place, with entities and keyboards, at the pace that Telegram allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import ChatMigrated, NetworkError, RetryAfter, TelegramError

from bot.backoff import Backoff
from bot.markup import Rich, telegram_messages, telegram_quote, units
from bot.platforms.protocol import ChatUnreachable, ServerUnreachable
from bot.platforms.telegram.client import ROOM, SMALL_ROOM, Gone, Refused, seconds_of, translated
from bot.platforms.telegram.parser import Target
from bot.platforms.telegram.rate_limiter import RequestPacer
from bot.types import Attachment, Button

LONG = 3000
"""Characters of Markdown that are laid out in a thread of their own."""
LIMIT = 4096
CAPTION_LIMIT = 1024
DATA_LIMIT = 64
"""Bytes of callback data (https://core.telegram.org/bots/api#inlinekeyboardbutton)."""


async def messages_of(markdown: str, *, links: Mapping[int, str] | None = None, limit: int = LIMIT) -> tuple[Rich, ...]:
    """Markdown as messages; nothing for a text that shows nothing."""
    if len(markdown) < LONG:
        return telegram_messages(markdown, limit=limit, links=links)
    return await asyncio.to_thread(telegram_messages, markdown, limit=limit, links=links)


async def messages_with_quote(markdown: str, quote: str) -> tuple[Rich, ...]:
    """Markdown, and below it a text word for word in a quote that folds away: in one message where there is room."""
    above = await messages_of(markdown)
    below = await asyncio.to_thread(telegram_quote, quote) if quote else ()
    if above and below and units(above[-1].text) + 1 + units(below[0].text) <= LIMIT:
        return (*above[:-1], _joined(above[-1], below[0]), *below[1:])
    return (*above, *below)


def _joined(above: Rich, below: Rich) -> Rich:
    by = units(above.text) + 1
    moved = tuple(replace(entity, offset=entity.offset + by) for entity in below.entities)
    return Rich(text=f"{above.text}\n{below.text}", entities=(*above.entities, *moved))


def entities_of(rich: Rich) -> list[MessageEntity]:
    return [
        MessageEntity(type=one.type, offset=one.offset, length=one.length, url=one.url or None, language=one.language or None)
        for one in rich.entities
    ]


def keyboard_of(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """Row by row; None without buttons, which takes away those of a message that is edited."""
    kept = [button for button in buttons if len(button.data.encode()) <= DATA_LIMIT]
    rows = groupby(sorted(kept, key=lambda button: button.row), key=lambda button: button.row)
    keys = [[InlineKeyboardButton(one.label, callback_data=one.data) for one in row] for _, row in rows]
    return InlineKeyboardMarkup(keys) if keys else None


log = logging.getLogger(__name__)
T = TypeVar("T")

TRIES = 65
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds between tries; all of them together take most of an hour, after which few still wait for an answer."""
FILE_TRIES = 3
NOTICE_LIMIT = 200
"""Characters of the answer to a press (https://core.telegram.org/bots/api#answercallbackquery)."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

Migrated = Callable[[int, int], Awaitable[None]]


class MessageSender:
    """The bot's voice in all chats."""

    def __init__(self, bot: Bot, pacer: RequestPacer, *, on_migrated: Migrated) -> None:
        self.pacer = pacer
        self._bot = bot
        self._room = asyncio.Semaphore(ROOM)
        self._small_room = asyncio.Semaphore(SMALL_ROOM)
        self._on_migrated = on_migrated
        self._moved: dict[int, int] = {}

    async def send(
        self, to: Target, rich: Rich, buttons: Sequence[Button] = (), *, reply_to: int | None = None, patient: bool = False
    ) -> int:
        """A new message; return its id.

        Raises:
            Unreachable: nobody can be told there.
            Undelivered: the server does not answer.
        """

        def send(chat: int, bare: bool) -> Awaitable[Message]:
            return self._bot.send_message(
                chat,
                rich.text,
                entities=None if bare else entities_of(rich),
                message_thread_id=to.thread,
                reply_parameters=_reply(reply_to),
                reply_markup=keyboard_of(buttons),
                link_preview_options=NO_PREVIEW,
            )

        sent = await self._formatted_or_plain(to.chat, send, patient=patient)
        return sent.message_id if sent else 0

    async def edit(self, to: Target, message: int, rich: Rich, buttons: Sequence[Button] = (), *, patient: bool = False) -> None:
        """Put a text into a message of ours.

        Raises:
            Gone: the message cannot be changed.
            Unreachable, Undelivered: as above.
        """

        def edit(chat: int, bare: bool) -> Awaitable[Message | bool]:
            return self._bot.edit_message_text(
                rich.text,
                chat_id=chat,
                message_id=message,
                entities=None if bare else entities_of(rich),
                reply_markup=keyboard_of(buttons),
                link_preview_options=NO_PREVIEW,
            )

        await self._formatted_or_plain(to.chat, edit, moves=False, patient=patient)

    async def send_file(self, to: Target, file: Attachment, *, reply_to: int | None = None) -> int:
        """A document; return its message's id."""

        def send(chat: int) -> Awaitable[Message]:
            document = InputFile(file.content, filename=file.name)
            return self._bot.send_document(chat, document, message_thread_id=to.thread, reply_parameters=_reply(reply_to))

        sent = await self._said(to.chat, send, tries=FILE_TRIES)
        return sent.message_id if sent else 0

    async def send_photo(
        self, to: Target, photo: bytes, caption: Rich, buttons: Sequence[Button], *, reply_to: int | None = None
    ) -> int:
        """A picture with a short text; return its message's id."""

        def send(chat: int) -> Awaitable[Message]:
            return self._bot.send_photo(
                chat,
                InputFile(photo, filename="picture.png"),
                caption=caption.text or None,
                caption_entities=entities_of(caption),
                message_thread_id=to.thread,
                reply_parameters=_reply(reply_to),
                reply_markup=keyboard_of(buttons),
            )

        sent = await self._said(to.chat, send, tries=FILE_TRIES)
        return sent.message_id if sent else 0

    async def delete(self, to: Target, message: int) -> None:
        """Take a message of ours away; one that cannot be is left."""
        try:
            await self._said(to.chat, lambda chat: self._bot.delete_message(chat, message), paced=False)
        except (Gone, Refused, ChatUnreachable, ServerUnreachable) as error:
            log.info("a message in %d stays: %s", to.chat, error)

    async def notice(self, press: str, text: str) -> None:
        """Answer a press; one that was made long ago cannot be answered."""
        try:
            async with self._room:
                await self._bot.answer_callback_query(press, text=_cut(text) or None)
        except TelegramError as error:
            log.info("a press was not answered: %s", error)

    async def react(self, to: Target, message: int, emoji: str) -> None:
        """Put a sign on somebody's message, which counts as no message."""
        try:
            async with self._small_room:
                await self._bot.set_message_reaction(self.now(to.chat), message, emoji)
        except TelegramError as error:
            log.info("no sign on a message in %d: %s", to.chat, error)

    async def type(self, to: Target) -> None:
        """Show for five seconds that an answer is on its way."""
        try:
            async with self._small_room:
                await self._bot.send_chat_action(self.now(to.chat), ChatAction.TYPING, message_thread_id=to.thread)
        except TelegramError as error:
            log.info("no typing shown in %d: %s", to.chat, error)

    def now(self, chat: int) -> int:
        """The number that a chat has now."""
        while chat in self._moved:
            chat = self._moved[chat]
        return chat

    def moved(self, old: int, new: int) -> None:
        if old != new and self.now(new) != old:
            self._moved[old] = new

    async def _formatted_or_plain(
        self, chat: int, make: Callable[[int, bool], Awaitable[T]], *, moves: bool = True, patient: bool
    ) -> T | None:
        try:
            return await self._said(chat, lambda now: make(now, False), moves=moves, patient=patient)
        except Refused as error:
            log.warning("formatting refused: %s", error)
        try:
            return await self._said(chat, lambda now: make(now, True), moves=moves, patient=patient)
        except Refused as error:
            raise ChatUnreachable(str(error)) from error

    async def _said(
        self,
        chat: int,
        make: Callable[[int], Awaitable[T]],
        *,
        tries: int = TRIES,
        paced: bool = True,
        moves: bool = True,
        patient: bool = False,
    ) -> T | None:
        """Ask until it is done; None for an edit that changes nothing."""
        backoff = Backoff(first=FIRST_WAIT, longest=LONGEST_WAIT)
        while tries > 0:
            now = self.now(chat)
            if not moves and now != chat:
                raise Gone("the chat has moved")  # its messages stayed behind
            if paced:
                await self.pacer.turn(now, patient=patient)
            try:
                async with self._room:
                    with translated():
                        return await make(now)
                return None
            except RetryAfter as error:
                self.pacer.hold(now, seconds_of(error) + 0.1)
                await self._rest(paced, seconds_of(error))
            except ChatMigrated as error:
                self.moved(now, error.new_chat_id)
                await self._on_migrated(now, error.new_chat_id)
            except NetworkError as error:
                tries -= 1
                wait = backoff.delay()
                log.warning("Telegram was not reached, tried again in %.1f s: %s", wait, error)
                await asyncio.sleep(wait)
        raise ServerUnreachable(f"Telegram was not reached ({chat})")

    async def _rest(self, paced: bool, seconds: float) -> None:
        """What is paced waits for its turn; everything else here."""
        if not paced:
            await asyncio.sleep(seconds)


def _reply(message: int | None) -> ReplyParameters | None:
    return ReplyParameters(message, allow_sending_without_reply=True) if message else None


def _cut(text: str) -> str:
    text = " ".join(text.split())
    while units(text) > NOTICE_LIMIT:
        text = text[: NOTICE_LIMIT // 2 - 1] + "…" if len(text) > NOTICE_LIMIT // 2 else text[:-2] + "…"
    return text
