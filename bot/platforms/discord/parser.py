"""Parser of what comes from Discord: messages and interactions, the people who made them and the places where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import discord

from bot.markup import looks_like_a_question
from bot.platforms.protocol import MOST_ABOUT, InboundKind, InboundMessage
from bot.types import Language, Person, Place, Quote, language_of, language_of_locale

PLATFORM = "discord"
BUTTON = "n:"
"""What the custom ids of our buttons begin with; the button's data follows."""
MENU_ASK, MENU_SOURCES = "Ask the notes about this", "Show sources"
ADDRESS = re.compile(r"^(?:\s*<@[!&]?\d+>)+|(?:<@[!&]?\d+>\s*)+$")
SPOKEN = (discord.MessageType.default, discord.MessageType.reply)


def parse_message(
    message: discord.Message, me: discord.ClientUser, language: Language | None, *, reads_all: bool = True
) -> InboundMessage | None:
    """None for what no person says to the bot, or may be saying to everybody; the text is empty where it may not be read."""
    if message.author.bot or message.webhook_id or message.type not in SPOKEN:
        return None
    addressed = is_for_us(message, me)
    if not addressed and not is_question_to_all(message):
        return None
    text, place = words_of(message, me), place_of(message.channel, message.guild.id if message.guild else None)
    quote, replied = _quote(message, me)
    return InboundMessage(
        id=str(message.id),
        person=person_of(message.author, language or language_of(text, _guild_language(message.guild))),
        place=place,
        said=message.created_at,
        text=text,
        message=str(message.id),
        replied=replied,
        quote=quote,
        forward=_forwarded(message),
        addressed=addressed,
        unread="" if reads_all or place.private else "cannot_read",
    )


def edited(said: InboundMessage, at: datetime) -> InboundMessage:
    """The same as an edit, which is an event of its own."""
    age = (at - said.said).total_seconds()
    return replace(said, id=f"{said.id}:{int(at.timestamp() * 1000)}", said=at, edited=True, age_s=age)


def _quote(message: discord.Message, me: discord.ClientUser) -> tuple[Quote | None, str]:
    """What somebody else said, if the message replies to that; or the bot's message, if it replies to one."""
    reference = message.reference
    if not reference or not reference.message_id or reference.type is not discord.MessageReferenceType.reply:
        return None, ""
    other = reference.resolved
    if not isinstance(other, discord.Message) or other.author.id == me.id:
        return None, str(reference.message_id)
    text = words_of(other, me)[:MOST_ABOUT]
    person = "" if other.author.bot else f"{PLATFORM}:{other.author.id}"
    return (Quote(text=text, person=person, name=other.author.display_name) if text else None), ""


def _forwarded(message: discord.Message) -> Quote | None:
    """Discord does not say whose it was."""
    text = "\n".join(one.content for one in message.message_snapshots).strip()
    return Quote(text=text[:MOST_ABOUT]) if text else None


def is_for_us(message: discord.Message, me: discord.ClientUser) -> bool:
    """A direct message, a mention, a reply to one of our messages, or anything in a thread that we opened."""
    if message.guild is None:
        return True
    if any(user.id == me.id for user in message.mentions) or _names_our_role(message):
        return True
    replied = message.reference.resolved if message.reference else None
    if isinstance(replied, discord.Message) and replied.author.id == me.id:
        return True
    return is_our_thread(message.channel, me)


def is_question_to_all(message: discord.Message) -> bool:
    """It answers nobody, names nobody, and looks like a question."""
    named = message.mentions or message.role_mentions or message.reference
    return not named and looks_like_a_question(message.content)


def is_our_thread(channel: object, me: discord.ClientUser) -> bool:
    return isinstance(channel, discord.Thread) and channel.owner_id == me.id


def words_of(message: discord.Message, me: discord.ClientUser) -> str:
    """The text without the mention of us, and without those of others that only say whom it is for.

    Within a sentence they become names, so that they ping nobody when they are quoted.
    """
    names = {user.id: f"@{user.display_name}" for user in message.mentions} | {me.id: ""}
    text = re.sub(r"<@!?(\d+)>", lambda found: names.get(int(found[1]), found[0]), ADDRESS.sub("", message.content))
    roles = {role.id: "" if role.is_bot_managed() else f"@{role.name}" for role in message.role_mentions}
    return re.sub(r"<@&(\d+)>", lambda found: roles.get(int(found[1]), found[0]), text).strip()


def _names_our_role(message: discord.Message) -> bool:
    """People pick the role that Discord made for the bot, which looks the same."""
    own = message.guild.self_role if message.guild else None
    return own is not None and any(role.id == own.id for role in message.role_mentions)


def parse_interaction(interaction: discord.Interaction[Any], language: Language | None, private: bool) -> InboundMessage | None:
    """A command, a menu entry or a button; None for what is not ours."""
    data: Mapping[str, Any] = interaction.data or {}
    match interaction.type, data.get("type"):
        case discord.InteractionType.application_command, 1:
            told = {"kind": InboundKind.COMMAND, "command": data["name"], "text": option_of(data)[1]}
        case discord.InteractionType.application_command, 3:
            told = _menu(data)
        case discord.InteractionType.component, _ if str(data.get("custom_id", "")).startswith(BUTTON):
            pressed = str(interaction.message.id) if interaction.message else ""
            told = {"kind": InboundKind.PRESS, "text": data["custom_id"].removeprefix(BUTTON), "target": pressed}
        case _:
            return None
    return InboundMessage(
        id=str(interaction.id),
        person=person_of(interaction.user, language or language_of_locale(str(interaction.locale))),
        place=interaction_place(interaction),
        said=interaction.created_at,
        token=interaction.token,
        private=private,
        moderator=interaction.guild_id is not None and interaction.permissions.manage_guild,
        **told,
    )


def _menu(data: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a message's menu is a command about that message."""
    told = {"kind": InboundKind.COMMAND, "target": data["target_id"]}
    if data["name"] == MENU_ASK:
        return {**told, "command": "ask", "quote": _target(data)}
    return {**told, "command": "source", "replied": data["target_id"]}


def option_of(data: Mapping[str, Any]) -> tuple[str, str]:
    """The name and the value of a command's only option."""
    options = data.get("options") or [{"name": "", "value": ""}]
    return str(options[0]["name"]), str(options[0].get("value", ""))


def _target(data: Mapping[str, Any]) -> Quote | None:
    """The message that a menu was opened on, which Discord sends along whatever the intents are."""
    target = data.get("resolved", {}).get("messages", {}).get(data["target_id"], {})
    text, author = str(target.get("content", "")).strip(), target.get("author", {})
    if not text:
        return None
    person = "" if author.get("bot") else f"{PLATFORM}:{author['id']}"
    return Quote(text=text, person=person, name=str(author.get("global_name") or author.get("username") or ""))


def person_of(user: discord.User | discord.Member, language: Language) -> Person:
    roles = tuple(str(role.id) for role in user.roles) if isinstance(user, discord.Member) else ()
    return Person(platform=PLATFORM, id=str(user.id), name=user.display_name, language=language, roles=roles)


def place_of(channel: Any, guild: int | None) -> Place:
    """A thread is a part of its channel; a private one is read by fewer people."""
    parent = channel.parent_id if isinstance(channel, discord.Thread) else 0
    return Place(
        platform=PLATFORM,
        chat=str(parent or channel.id),
        thread=str(channel.id) if parent else "",
        private=guild is None,
        guild=str(guild) if guild else "",
        closed=isinstance(channel, discord.Thread) and channel.is_private(),
    )


def interaction_place(interaction: discord.Interaction[Any]) -> Place:
    """What two people say to each other, with us as a guest, is not private to one of them."""
    channel = interaction.channel or discord.Object(id=interaction.channel_id or 0)
    place = place_of(channel, interaction.guild_id)
    return replace(place, private=place.private and not interaction.context.private_channel)


def _guild_language(guild: discord.Guild | None) -> Language:
    return language_of_locale(str(guild.preferred_locale)) if guild else "zh"
