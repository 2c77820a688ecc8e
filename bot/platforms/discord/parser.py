"""What comes from Discord, as our values: what was heard, from whom, where. It fits into the ledger and comes out the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

import discord

from bot.markup import looks_like_a_question
from bot.storage import Event, arrival
from bot.types import Language, Person, Place, Quote, language_of, language_of_locale

PLATFORM = "discord"
BUTTON = "n:"
"""What the custom ids of our buttons begin with; the button's data follows."""
MENU_ASK, MENU_SOURCES = "Ask the notes about this", "Show sources"
SPOKEN = (discord.MessageType.default, discord.MessageType.reply)


class EventKind(StrEnum):
    MESSAGE = "message"
    COMMAND = "command"
    MENU = "menu"
    PRESS = "press"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordEvent:
    """Something that somebody did, with everything that is needed to act on it, now or after a restart."""

    kind: EventKind
    person: Person
    place: Place
    text: str = ""
    """The question, the words of a command, or the data of a button."""
    name: str = ""
    """Of the command or menu entry."""
    message: str = ""
    """The message itself, or the one that the menu was opened on or whose button was pressed."""
    reference: str = ""
    """The message that it replies to."""
    quote: Quote | None = None
    """The message that "ask about this" was chosen for."""
    token: str = ""
    """Of the interaction."""
    private: bool = False
    """The response to the interaction is for that person alone."""
    moderator: bool = False
    """Whoever gave the command runs the server."""
    opens: bool = False
    """The answer goes into a thread that is opened from the message."""
    edited: int = 0
    """When the message was edited, in milliseconds since 1970; it is an event of its own then."""

    def event(self, bot: str, id_: int) -> Event:
        """For the ledger; Discord's ids tell when something happened."""
        message = self.message if self.kind is EventKind.MESSAGE else ""
        said, id_of = discord.utils.snowflake_time(id_), str(id_)
        if self.edited:
            said, id_of = datetime.fromtimestamp(self.edited / 1000, UTC), f"{id_}:{self.edited}"
        return arrival(bot=bot, id=id_of, place=self.place, message=message, said=said, payload=asdict(self))

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        person = Person(**{**payload["person"], "roles": tuple(payload["person"]["roles"])})
        quote = Quote(**payload["quote"]) if payload.get("quote") else None
        made = {"kind": EventKind(payload["kind"]), "person": person, "place": Place(**payload["place"]), "quote": quote}
        return cls(**{**payload, **made})

    @property
    def channel(self) -> int:
        """Where its answer is to be seen."""
        return int(self.place.thread or self.place.chat)

    @property
    def parent(self) -> int:
        return int(self.place.chat)

    def in_channel(self) -> DiscordEvent:
        """The same without a thread of its own."""
        return replace(self, opens=False, place=replace(self.place, thread=""))


def heard_message(
    message: discord.Message, me: discord.ClientUser, language: Language | None, *, overheard: bool = False
) -> DiscordEvent | None:
    """None for what is not said to the bot; the text is empty where Discord does not let it be read.

    `overheard` takes what is said to nobody as well, where it looks like a question.
    """
    if message.author.bot or message.webhook_id or message.type not in SPOKEN:
        return None
    if not is_for_us(message, me) and not (overheard and is_question_to_all(message)):
        return None
    text = words_of(message, me)
    person = person_of(message.author, language or language_of(text, _guild_language(message.guild)))
    reference = message.reference
    return DiscordEvent(
        kind=EventKind.MESSAGE,
        person=person,
        place=place_of(message.channel, message.guild.id if message.guild else None),
        text=text,
        message=str(message.id),
        reference=str(reference.message_id) if reference and reference.message_id else "",
    )


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
    """The text without the mention of us; other mentions become names, so that they ping nobody when they are quoted."""
    names = {user.id: f"@{user.display_name}" for user in message.mentions} | {me.id: ""}
    text = re.sub(r"<@!?(\d+)>", lambda found: names.get(int(found[1]), found[0]), message.content)
    roles = {role.id: "" if role.is_bot_managed() else f"@{role.name}" for role in message.role_mentions}
    return re.sub(r"<@&(\d+)>", lambda found: roles.get(int(found[1]), found[0]), text).strip()


def _names_our_role(message: discord.Message) -> bool:
    """People pick the role that Discord made for the bot, which looks the same."""
    own = message.guild.self_role if message.guild else None
    return own is not None and any(role.id == own.id for role in message.role_mentions)


def heard_interaction(interaction: discord.Interaction[Any], language: Language | None, private: bool) -> DiscordEvent | None:
    """A command, a menu entry or a button; None for what is not ours."""
    data: Mapping[str, Any] = interaction.data or {}
    match interaction.type, data.get("type"):
        case discord.InteractionType.application_command, 1:
            told = {"kind": EventKind.COMMAND, "name": data["name"], "text": option_of(data)[1]}
        case discord.InteractionType.application_command, 3:
            told = {"kind": EventKind.MENU, "name": data["name"], "message": data["target_id"], "quote": _target(data)}
        case discord.InteractionType.component, _ if str(data.get("custom_id", "")).startswith(BUTTON):
            pressed = str(interaction.message.id) if interaction.message else ""
            told = {"kind": EventKind.PRESS, "text": data["custom_id"].removeprefix(BUTTON), "message": pressed}
        case _:
            return None
    person = person_of(interaction.user, language or language_of_locale(str(interaction.locale)))
    return DiscordEvent(
        person=person,
        place=interaction_place(interaction),
        token=interaction.token,
        private=private,
        moderator=interaction.guild_id is not None and interaction.permissions.manage_guild,
        **told,
    )


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
