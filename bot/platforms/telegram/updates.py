"""Intake of Telegram updates: each becomes the event that the ledger keeps, or nothing when there is nothing to answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from telegram import InlineQuery, Message, MessageReactionUpdated, ReactionTypeEmoji, Update, User

from bot.commands import CommandRouter
from bot.middleware import Middleware, Role
from bot.platforms.telegram.answers import TelegramTasks
from bot.platforms.telegram.parser import (
    PLATFORM,
    ParsedMessage,
    has_no_words,
    hear,
    place,
    place_of,
    place_of_draft,
    reacting_of,
    speaker_of,
)
from bot.platforms.telegram.responder import KNOWN, TelegramResponder
from bot.storage import Event, arrival
from bot.types import Person, Place

GOOD = frozenset("👍🔥🥰👏🎉🙏👌😍💯🤩🏆🤗🤝🫡🆒😎✍") | {"❤", "❤\u200d🔥", "💘", "😘", "⚡"}
BAD = frozenset("👎🤮💩🤡😡🤬🥱🖕😭💔😢")
STOPPED = "stopped_message_generation"
"""An update of Bot API 10.3 that the library does not know yet."""
LET_IN = (Role.ADMIN, Role.GUEST)


class UpdateParser:
    """For one bot."""

    def __init__(
        self,
        *,
        key: str,
        me: User,
        guards: Middleware,
        controls: CommandRouter,
        everything: frozenset[str],
        migrated: Callable[[int, int], Awaitable[None]],
        acting: TelegramResponder,
        work: TelegramTasks,
    ) -> None:
        self.key = key
        self._me = me
        self._guards = guards
        self._controls = controls
        self._everything = everything
        self._migrated = migrated
        self._acting = acting
        self._work = work

    async def event_of(self, update: Update) -> Event | None:
        message = update.message or update.edited_message
        if message:
            return await self._of_message(update, message)
        if update.callback_query and update.callback_query.message:
            return self._event(update, place_of(update.callback_query.message))
        if update.message_reaction:
            await self._rate(update.message_reaction)
        if update.api_kwargs.get(STOPPED):
            await self._stop(update.api_kwargs[STOPPED])
        if update.inline_query:
            self._offer(update.inline_query)
        return None

    async def _of_message(self, update: Update, message: Message) -> Event | None:
        if message.migrate_to_chat_id:
            await self._migrated(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            await self._migrated(message.migrate_from_chat_id, message.chat.id)
        where = place_of(message)
        heard = hear(message, self._me, commands=KNOWN)
        if not await self._is_meant(message, heard, where) and not (update.message and has_no_words(message)):
            return None
        said = message.edit_date or message.date
        return self._event(update, where, message=str(message.message_id), said=said)

    async def _is_meant(self, message: Message, heard: ParsedMessage | None, where: Place) -> bool:
        """What nobody addressed to the bot is answered where the group wishes so, and only to people who may ask."""
        if heard is None or heard.addressed:
            return heard is not None
        chosen = (await self._guards.places.of(where)).everything
        wished = where.chat in self._everything if chosen is None else chosen
        return wished and await self._guards.door.standing(speaker_of(message), where) in LET_IN

    def _event(self, update: Update, where: Place, *, message: str = "", said: datetime | None = None) -> Event:
        said = said or datetime.now(UTC)
        return arrival(bot=self.key, id=str(update.update_id), place=where, message=message, said=said, payload=update.to_dict())

    async def _rate(self, reaction: MessageReactionUpdated) -> None:
        """A reaction to an answer is a thumb; taking it away takes the thumb back."""
        person, where = reacting_of(reaction), place(reaction.chat)
        answer = await self._guards.ledger.answer_in(self.key, where, str(reaction.message_id))
        if not person or not answer or await self._guards.door.standing(person, where) not in LET_IN:
            return
        emoji = [one.emoji.rstrip("\ufe0f") for one in reaction.new_reaction if isinstance(one, ReactionTypeEmoji)]
        good = True if GOOD.intersection(emoji) else False if BAD.intersection(emoji) else None
        if good is not None or not emoji:
            await self._controls.rate(answer, person, where, good=good)

    async def _stop(self, stopped: Mapping[str, Any]) -> None:
        """Somebody pressed Stop below a draft, which is in a private chat: the chat's number is theirs."""
        where = place_of_draft(stopped)
        await self._guards.stop(where, Person(platform=PLATFORM, id=where.chat))

    def _offer(self, query: InlineQuery) -> None:
        self._work.begin(self._acting.offer(query))
