"""A Markdown file of an admin goes in; the offer to add it to the notes comes out, and what became of it."""

from __future__ import annotations

from telegram import Bot, CallbackQuery, Message

import prompts
from bot.commands import CommandRouter
from bot.commands.note_upload import ADD, LEAVE
from bot.middleware import Middleware
from bot.platforms.telegram.downloads import NotFetched, content_of, note_of, offered_in
from bot.types import Page, Person, Place

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
            return Page(text=prompts.load("telegram").say("file_not_fetched", language))
        return await self._controls.new_notes.add(document.file_name or "", content, language)
