"""Parser of Telegram messages: chats and people as ours, and what a message asks for (nothing, a command, an answer)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    MaybeInaccessibleMessage,
    Message,
    MessageEntity,
    MessageOriginHiddenUser,
    MessageOriginUser,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    User,
)

from bot.markup import looks_like_a_question
from bot.platforms.protocol import MOST_ABOUT, InboundFile, InboundKind, InboundMessage
from bot.types import Language, Person, Place, Quote, language_of_locale

PLATFORM = "telegram"
GOOD = frozenset("👍🔥🥰👏🎉🙏👌😍💯🤩🏆🤗🤝🫡🆒😎✍") | {"❤", "❤\u200d🔥", "💘", "😘", "⚡"}
BAD = frozenset("👎🤮💩🤡😡🤬🥱🖕😭💔😢")
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


def parse_message(message: Message, me: User, *, update: int, edited: bool, commands: frozenset[str]) -> InboundMessage | None:
    """None for what is not meant for the bot, and for what no person wrote.

    `commands` are those that the bot has: in a group, others without its name are another bot's.
    """
    text = message.text or message.caption or ""
    name, addressee = _command(message, text)
    private = message.chat.type == message.chat.PRIVATE
    if _is_nobodys(message, me) or (name and not _is_ours(name, addressee, me, private=private, commands=commands)):
        return None
    addressed = private or bool(name) or _is_addressed(message, me)
    if (not addressed and not _is_question_to_all(message, text)) or not (text.strip() or _has_no_words(message, edited=edited)):
        return None
    words = _own_words(message, text[_command_length(text) :] if name else text, me)
    replied = _replied(message, me)
    forward = None if name else _forwarded(message, words)
    said = (edited and message.edit_date) or message.date
    return InboundMessage(
        id=str(update),
        person=speaker_of(message),
        place=place_of(message),
        said=said,
        text="" if forward else words,
        command=name,
        message=str(message.message_id),
        replied=str(replied or ""),
        quote=None if forward else _quote(message, me, whole=not replied),
        forward=forward,
        files=_files(message),
        edited=edited,
        age_s=(said - message.date).total_seconds(),
        addressed=addressed,
        unread="ask_me_what" if text.strip() else "only_words",
    )


def parse_press(press: CallbackQuery, button: MaybeInaccessibleMessage, *, update: int) -> InboundMessage:
    """A button; an offer to add a file replies to the message with the file, so that nothing need be remembered."""
    shown = button if isinstance(button, Message) else None
    offered = shown.reply_to_message if shown else None
    return InboundMessage(
        kind=InboundKind.PRESS,
        id=str(update),
        person=person_of(press.from_user),
        place=place_of(button),
        text=press.data or "",
        target=str(button.message_id),
        target_text=(shown.text or "") if shown else "",
        files=_files(offered) if offered else (),
        token=press.id,
    )


def verdict_of(reaction: MessageReactionUpdated) -> tuple[bool | None, bool]:
    """Whether a reaction is a good or a bad word, and whether it says anything: one that is taken back does."""
    emoji = [one.emoji.rstrip("\ufe0f") for one in reaction.new_reaction if isinstance(one, ReactionTypeEmoji)]
    good = True if GOOD.intersection(emoji) else False if BAD.intersection(emoji) else None
    return good, good is not None or not emoji


def _is_ours(name: str, addressee: str, me: User, *, private: bool, commands: frozenset[str]) -> bool:
    """Whether a command is for the bot that it names, or known where it names none."""
    return addressee == (me.username or "").lower() or (not addressee and (private or name in commands))


def _has_no_words(message: Message, *, edited: bool) -> bool:
    """A photograph, a voice, a sticker: something that a person sent in private, and that cannot be read."""
    return message.chat.type == message.chat.PRIVATE and not edited and bool(message.effective_attachment)


def _files(message: Message) -> tuple[InboundFile, ...]:
    file = message.document
    return (InboundFile(name=file.file_name or "", size=file.file_size or 0, ref=file.file_id),) if file else ()


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
    name = f"@{me.username}".lower()
    return any(
        (one.type == MessageEntity.MENTION and words.lower() == name)
        or (one.type == MessageEntity.TEXT_MENTION and one.user is not None and one.user.id == me.id)
        for one, words in _entities(message).items()
    )


def _entities(message: Message) -> Mapping[MessageEntity, str]:
    return message.parse_entities() if message.text else message.parse_caption_entities() if message.caption else {}


def _replied(message: Message, me: User) -> int:
    """The bot's message that it replies to; in a topic, every message "replies" to the one that opened it."""
    other = message.reply_to_message
    if other is None or other.from_user is None or other.from_user.id != me.id or other.forum_topic_created:
        return 0
    return other.message_id


def _is_question_to_all(message: Message, text: str) -> bool:
    other = message.reply_to_message
    to_another = other is not None and not other.forum_topic_created
    return not to_another and looks_like_a_question(text)


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


def _own_words(message: Message, text: str, me: User) -> str:
    """Whom a message names says whom it is for, and is no part of the question; within a sentence, others stay."""
    if me.username:
        text = re.sub(rf"\s*@{re.escape(me.username)}\b[ ,，:：]*", " ", text, flags=re.IGNORECASE)
    text = text.strip()
    if message.chat.type == message.chat.PRIVATE:
        return text
    kinds = (MessageEntity.MENTION, MessageEntity.TEXT_MENTION)
    named = [words for one, words in _entities(message).items() if one.type in kinds and words]
    while first := next((name for name in named if text.startswith(name)), ""):
        text = text.removeprefix(first).lstrip(" ,，:：")
    while last := next((name for name in named if text.endswith(name)), ""):
        text = text.removesuffix(last).rstrip()
    return text
