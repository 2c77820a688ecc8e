"""Parser of Telegram messages: chats and people as ours, and what a message asks for (nothing, a command, an answer)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    InlineQuery,
    MaybeInaccessibleMessage,
    Message,
    MessageEntity,
    MessageOriginHiddenUser,
    MessageOriginUser,
    MessageReactionUpdated,
    User,
)

from bot.markup import looks_like_a_question
from bot.types import Language, Person, Place, Quote, language_of_locale

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


MOST_ABOUT = 2000
"""Characters of another message that a question is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """A message that wants something."""

    words: str
    """Without the command and without the bot's name."""
    command: str = ""
    replied: int = 0
    """The message of the bot's that it replies to."""
    about: Quote | None = None
    """The text of somebody else's message, or the part of the bot's, that it is about."""
    addressed: bool = True
    """False for what only looks like a question."""


def hear(message: Message, me: User, *, commands: frozenset[str] = frozenset()) -> ParsedMessage | None:
    """None for what is not meant for the bot, and for what no person wrote.

    `commands` are those that the bot has: in a group, others without its name are another bot's.
    """
    if _is_nobodys(message, me):
        return None
    text = message.text or message.caption or ""
    name, addressee = _command(message, text)
    private = message.chat.type == message.chat.PRIVATE
    if name:
        if addressee not in ("", (me.username or "").lower()) or (not private and not addressee and name not in commands):
            return None
        rest = text[_command_length(text) :]
        return _heard(message, _without_me(rest, me), me, command=name)
    if not private and not _is_addressed(message, me):
        return _overheard(message, text, me)
    if not text.strip():
        return None
    return _heard(message, _without_me(text, me), me)


def has_no_words(message: Message) -> bool:
    """A photograph, a voice, a sticker: something that a person sent in private, and that cannot be read."""
    return (
        message.chat.type == message.chat.PRIVATE and not (message.text or message.caption) and bool(message.effective_attachment)
    )


def _is_nobodys(message: Message, me: User) -> bool:
    """Other bots, our own inline results, posts that a channel forwards by itself. Hidden admins have a sender's chat."""
    by_bot = message.from_user is not None and message.from_user.is_bot and message.sender_chat is None
    mine = message.via_bot is not None and message.via_bot.id == me.id
    return bool(by_bot or mine or message.is_automatic_forward or message.from_user is None)


def _command(message: Message, text: str) -> tuple[str, str]:
    """The command that a message begins with, and whom it names, in small letters."""
    entities = message.entities or message.caption_entities
    if not any(one.type == MessageEntity.BOT_COMMAND and one.offset == 0 for one in entities):
        return "", ""
    name, _, addressee = text[: _command_length(text)].removeprefix("/").partition("@")
    return name.lower(), addressee.lower()


def _command_length(text: str) -> int:
    found = re.match(r"/[A-Za-z0-9_]+(?:@[A-Za-z0-9_]+)?", text)
    return found.end() if found else 0


def _is_addressed(message: Message, me: User) -> bool:
    return _replied(message, me) != 0 or _is_mentioned(message, me)


def _is_mentioned(message: Message, me: User) -> bool:
    found = message.parse_entities() if message.text else message.parse_caption_entities() if message.caption else {}
    name = f"@{me.username}".lower()
    return any(
        (one.type == MessageEntity.MENTION and words.lower() == name)
        or (one.type == MessageEntity.TEXT_MENTION and one.user is not None and one.user.id == me.id)
        for one, words in found.items()
    )


def _replied(message: Message, me: User) -> int:
    """The bot's message that it replies to; in a topic, every message "replies" to the one that opened it."""
    other = message.reply_to_message
    if other is None or other.from_user is None or other.from_user.id != me.id or other.forum_topic_created:
        return 0
    return other.message_id


def _overheard(message: Message, text: str, me: User) -> ParsedMessage | None:
    other = message.reply_to_message
    to_another = other is not None and not other.forum_topic_created
    if to_another or not looks_like_a_question(text):
        return None
    return ParsedMessage(words=text.strip(), addressed=False)


def _heard(message: Message, words: str, me: User, *, command: str = "") -> ParsedMessage:
    replied = _replied(message, me)
    if not command and (forwarded := _forwarded(message, words)):
        return ParsedMessage(words="", about=forwarded)
    return ParsedMessage(words=words, command=command, replied=replied, about=_quote(message, me, whole=not replied))


def _quote(message: Message, me: User, *, whole: bool) -> Quote | None:
    """What the message quotes, or the `whole` message that it replies to, with its author; the bot's words are nobody's."""
    other = message.reply_to_message
    text = ""
    if message.quote:
        text = message.quote.text
    elif other and whole and not other.forum_topic_created:
        text = other.text or other.caption or ""
    if not (text := text[:MOST_ABOUT].strip()):
        return None
    author = other.from_user if other else _elsewhere(message)
    if author is None:
        return Quote(text=text)
    return Quote(text=text, person="" if author.id == me.id else person_of(author).key, name=author.full_name)


def _forwarded(message: Message, words: str) -> Quote | None:
    """A message of somebody else's that was handed on as it is."""
    origin = message.forward_origin
    if isinstance(origin, MessageOriginUser) and origin.sender_user != message.from_user:
        author = origin.sender_user
        return Quote(text=words, person=person_of(author).key, name=author.full_name)
    if isinstance(origin, MessageOriginHiddenUser):
        return Quote(text=words, name=origin.sender_user_name)
    return None


def _elsewhere(message: Message) -> User | None:
    """The author of a message in another chat; some hide who they are."""
    origin = message.external_reply.origin if message.external_reply else None
    return origin.sender_user if isinstance(origin, MessageOriginUser) else None


def _without_me(text: str, me: User) -> str:
    """The mention is how the question was addressed, not part of it."""
    if not me.username:
        return text.strip()
    return re.sub(rf"\s*@{re.escape(me.username)}\b[ ,，:：]*", " ", text, flags=re.IGNORECASE).strip()
