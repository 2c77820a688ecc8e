"""Files that people send: what they are, their download, and the offer to add a Markdown file to the notes."""

from __future__ import annotations

from telegram import Bot, CallbackQuery, Document, MaybeInaccessibleMessage, Message
from telegram.error import TelegramError

import prompts
from bot.commands import CommandRouter
from bot.commands.handlers import ADD, LEAVE
from bot.middleware import Middleware
from bot.types import Page, Person, Place

MOST = 20 * 1024 * 1024
"""Bytes that a bot may fetch (https://core.telegram.org/bots/api#getfile)."""


class NotFetched(Exception):
    """The file is not there any more, or Telegram does not give it."""


def note_of(message: Message | None) -> Document | None:
    """The Markdown file of a message."""
    document = message.document if message else None
    return document if document and (document.file_name or "").lower().endswith(".md") else None


def offered_in(button: MaybeInaccessibleMessage | None) -> Document | None:
    """The file that an offer is about: the offer replies to the message with the file, so that nothing need be remembered."""
    return note_of(button.reply_to_message) if isinstance(button, Message) else None


async def content_of(bot: Bot, document: Document) -> bytes:
    """Fetch a file.

    Raises:
        NotFetched: it cannot be had.
    """
    if (document.file_size or 0) > MOST:
        raise NotFetched("too large")
    try:
        return bytes(await (await bot.get_file(document.file_id)).download_as_bytearray())
    except TelegramError as error:
        raise NotFetched(str(error)) from error


BUTTONS = (ADD, LEAVE)


class NoteOffers:
    """For one bot."""

    def __init__(self, bot: Bot, controls: CommandRouter, guards: Middleware) -> None:
        self._bot = bot
        self._controls = controls
        self._guards = guards

    async def offer(self, message: Message, person: Person, place: Place) -> Page | None:
        """None for what is no Markdown file, not from an admin, or where nothing may be added."""
        document = note_of(message)
        if not document or not self._controls.new_notes.wanted or not await self._guards.door.is_admin(person, place):
            return None
        language = await self._controls.language(person, place)
        return self._controls.new_notes.offer(document.file_name or "", document.file_size or 0, language)

    async def done(self, press: CallbackQuery, person: Person, place: Place) -> Page:
        """What a button of the offer brings, in its place; the file is looked up anew, and so is who may add it."""
        language = await self._controls.language(person, place)
        document = offered_in(press.message)
        if not document or not self._controls.new_notes.wanted or not await self._guards.door.is_admin(person, place):
            return Page(notice=prompts.load("controls").say("old_button", language))
        if press.data == LEAVE:
            return self._controls.new_notes.leave(language)
        try:
            content = await content_of(self._bot, document)
        except NotFetched:
            return Page(text=prompts.load("controls").say("file_not_fetched", language))
        return await self._controls.new_notes.add(document.file_name or "", content, language)
