"""Telegram's chats, topics and people go in; our places and persons come out, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Chat, InlineQuery, MaybeInaccessibleMessage, Message, MessageReactionUpdated, User

from bot.types import Language, Person, Place, language_of_locale

PLATFORM = "telegram"
GENERAL = 1
"""The number of a forum's first topic; a message that names it is refused (`message thread not found`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a message goes: a chat, and the topic of a forum."""

    chat: int
    thread: int | None = None

    @property
    def private(self) -> bool:
        return self.chat > 0


def place_of(message: MaybeInaccessibleMessage) -> Place:
    """The place of a message; one that is too old to be looked at is taken to stand outside all topics."""
    thread = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
    return place(message.chat, thread)


def place(chat: Chat, thread: int | None = None) -> Place:
    """Replies in groups without topics have a thread number too; hand in only those of topics."""
    named = str(thread) if thread and thread != GENERAL else ""
    return Place(platform=PLATFORM, chat=str(chat.id), thread=named, private=chat.type == Chat.PRIVATE)


def place_of_draft(stopped: Mapping[str, Any]) -> Place:
    """The place of a `MessageGenerationStopped`, a private chat; those with topics name the one."""
    chat = Chat(id=int(stopped["chat"]["id"]), type=Chat.PRIVATE)
    return place(chat, stopped.get("message_thread_id"))


def place_named(key: str) -> Place:
    """The place with this key; private chats have positive numbers."""
    chat, _, thread = key.removeprefix(f"{PLATFORM}:").partition("/")
    return Place(platform=PLATFORM, chat=chat, thread=thread, private=not chat.startswith("-"))


def target_of(place: Place) -> Target:
    return Target(chat=int(place.chat), thread=int(place.thread) if place.thread else None)


def speaker_of(message: Message) -> Person:
    """Who wrote a message: admins who hide behind their group have the group's number."""
    if message.sender_chat:
        return Person(platform=PLATFORM, id=str(message.sender_chat.id), name=message.sender_chat.title or "")
    return person_of(message.from_user)


def person_of(user: User | None) -> Person:
    if user is None:
        return Person(platform=PLATFORM, id="0")
    return Person(platform=PLATFORM, id=str(user.id), name=user.full_name, language=language_of_app(user.language_code))


def language_of_app(code: str | None) -> Language:
    """Of somebody's app, where it tells one: Chinese, or else English."""
    return language_of_locale(code) if code else "zh"


def presser_of(press: CallbackQuery | InlineQuery) -> Person:
    return person_of(press.from_user)


def reacting_of(reaction: MessageReactionUpdated) -> Person | None:
    """None for reactions in somebody else's name."""
    return person_of(reaction.user) if reaction.user else None
