"""The world itself: what people and bots do goes in, the world changes, and events come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.fakes.discord.clock import Clock
from tests.fakes.discord.drafts import Draft, Upload
from tests.fakes.discord.events import Event, Intent
from tests.fakes.discord.mentions import mention_people
from tests.fakes.discord.payloads import channel_json, emoji_json, guild_json, member_json, message_json, role_json
from tests.fakes.discord.permissions import May, permissions
from tests.fakes.discord.refusals import Refused
from tests.fakes.discord.threads import liven
from tests.fakes.discord.values import (
    COMPONENTS_V2,
    DEFAULT,
    DM,
    EPHEMERAL,
    LOADING,
    REPLY,
    SUPPRESS_EMBEDS,
    Attachment,
    Channel,
    Guild,
    Member,
    Message,
    Role,
    User,
)


class World:
    """Everything that exists. Refuses nothing that a rule of a single route forbids; the routes do that."""

    def __init__(self, *, clock: Clock, tell: Callable[[Event], None]) -> None:
        self.clock = clock
        self.tell = tell
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.ephemerals: dict[int, Message] = {}
        self.files: dict[int, Attachment] = {}
        self.files_at = ""
        """Where attachments can be fetched."""
        self.bot = self.add_user("notesbot", bot=True)

    # People and places

    def add_user(self, name: str, **more: Any) -> User:
        user = User(id=self.clock.snowflake(), name=name, **more)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, owner: User | None = None, bot: bool = True, locale: str = "en-US") -> Guild:
        guild = Guild(id=self.clock.snowflake(), name=name, owner=owner.id if owner else 0, locale=locale)
        self.guilds[guild.id] = guild
        for user in (owner, self.bot if bot else None):
            if user:
                guild.members[user.id] = Member(user=user, joined=self.clock.stamp())
        if bot:
            self.tell_guild(guild)
        return guild

    def tell_guild(self, guild: Guild) -> None:
        channels = [one for one in self.channels.values() if one.guild is guild]
        self.tell(
            Event(name="GUILD_CREATE", body=lambda _: guild_json(guild, channels, self.bot), guild=guild, intents=Intent.GUILDS)
        )

    def guild_event(self, name: str, guild: Guild, body: Mapping[str, Any], intents: int = Intent.GUILDS) -> None:
        if self.bot.id in guild.members or name == "GUILD_DELETE":
            told = {**body, "guild_id": str(guild.id)}
            self.tell(Event(name=name, body=lambda _: told, guild=guild, intents=intents))

    def add_role(self, guild: Guild, name: str, *, may: int = 0, mentionable: bool = False) -> Role:
        role = Role(id=self.clock.snowflake(), name=name, permissions=may, mentionable=mentionable, position=len(guild.roles))
        guild.roles[role.id] = role
        self.guild_event("GUILD_ROLE_CREATE", guild, {"role": role_json(role)})
        return role

    def add_member(self, guild: Guild, user: User, roles: Sequence[Role] = ()) -> Member:
        member = Member(user=user, joined=self.clock.stamp(), roles=[role.id for role in roles])
        guild.members[user.id] = member
        if user is self.bot:
            self.tell_guild(guild)
        else:
            self.guild_event("GUILD_MEMBER_ADD", guild, member_json(member), Intent.MEMBERS)
        return member

    def add_channel(self, guild: Guild, name: str, overwrites: Mapping[int, tuple[int, int]] | None = None) -> Channel:
        channel = Channel(
            id=self.clock.snowflake(), name=name, guild=guild, position=len(self.channels), overwrites=dict(overwrites or {})
        )
        self.channels[channel.id] = channel
        self.guild_event("CHANNEL_CREATE", guild, channel_json(channel))
        return channel

    def remove_channel(self, channel: Channel) -> None:
        channel.deleted = True
        if channel.guild:
            self.guild_event("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", channel.guild, channel_json(channel))

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of a guild."""
        del guild.members[self.bot.id]
        self.guild_event("GUILD_DELETE", guild, {"id": str(guild.id)})

    def change_roles(self, guild: Guild, user: User, roles: Sequence[Role]) -> None:
        """Give a member exactly these roles."""
        member = guild.members[user.id]
        member.roles = [role.id for role in roles]
        self.guild_event("GUILD_MEMBER_UPDATE", guild, member_json(member), 0 if user is self.bot else Intent.MEMBERS)

    def dm(self, user: User) -> Channel:
        """The direct messages of the bot and a user."""
        found = next((one for one in self.channels.values() if one.kind == DM and one.recipient is user), None)
        if found is None:
            found = Channel(id=self.clock.snowflake(), kind=DM, recipient=user)
            self.channels[found.id] = found
        return found

    def may(self, user: User, channel: Channel) -> int:
        if channel.kind == DM:
            return permissions(None, user.id) if user is self.bot or user is channel.recipient else 0
        return permissions(channel.guild, user.id, channel)

    # Messages

    def post(
        self,
        channel: Channel,
        author: User,
        draft: Draft,
        *,
        type: int = DEFAULT,  # noqa: A002
        only_for: User | None = None,
        interaction: dict[str, Any] | None = None,
    ) -> Message:
        """A new message: it is there, and everybody is told."""
        message = Message(id=self.clock.snowflake(), channel=channel, author=author, made=self.clock.now(), type=type)
        message.flags = (draft.flags or 0) & ~EPHEMERAL | (EPHEMERAL if only_for else 0)
        message.only_for = only_for.id if only_for else None
        message.nonce, message.tts, message.interaction = draft.nonce, draft.tts, interaction
        message.app = self.bot.id if interaction else None
        replied_to = self._refer(message, draft.reference)
        self._fill(message, draft, replied_to)
        if message.ephemeral:
            self.ephemerals[message.id] = message
            return message
        channel.messages[message.id] = message
        liven(self, channel, author)
        self.tell_message("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, draft: Draft) -> None:
        """Change what the draft says; the text before is kept in the message's history."""
        message.history.append(message.content)
        message.edits.append(self.clock.now())
        loading = message.loading
        if draft.flags is not None:
            kept = message.flags & ~(SUPPRESS_EMBEDS | COMPONENTS_V2)
            message.flags = kept | draft.flags & (SUPPRESS_EMBEDS | COMPONENTS_V2) | message.flags & COMPONENTS_V2
        message.flags &= ~LOADING
        message.edited = None if loading else self.clock.now()
        self._fill(message, draft, self._still_pinged(message))
        self.tell_message("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        message.deleted = True
        message.channel.messages.pop(message.id, None)
        self.ephemerals.pop(message.id, None)
        if not message.ephemeral:
            self._tell_in(message.channel, "MESSAGE_DELETE", {"id": str(message.id)}, Intent.GUILD_MESSAGES, Intent.DM_MESSAGES)

    def react(self, user: User, message: Message, emoji: str, *, add: bool) -> None:
        who = message.reactions.setdefault(emoji, [])
        if (user.id in who) == add:
            return
        (who.append if add else who.remove)(user.id)
        if not who:
            del message.reactions[emoji]
        body: dict[str, Any] = {
            "user_id": str(user.id),
            "message_id": str(message.id),
            "emoji": emoji_json(emoji),
            "burst": False,
            "type": 0,
        }
        guild = message.channel.guild
        if add:
            body["message_author_id"] = str(message.author.id)
            if guild and user.id in guild.members:
                body["member"] = member_json(guild.members[user.id])
        name = "MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE"
        self._tell_in(message.channel, name, body, Intent.GUILD_REACTIONS, Intent.DM_REACTIONS)

    def tell_message(self, name: str, message: Message) -> None:
        if message.ephemeral or not self.may(self.bot, message.channel) & May.VIEW_CHANNEL:
            return
        frozen = {sees: message_json(message, bot=self.bot, sees_all=sees, live=True) for sees in (True, False)}
        guild = message.channel.guild
        intents = Intent.GUILD_MESSAGES if guild else Intent.DM_MESSAGES
        self.tell(Event(name=name, body=frozen.__getitem__, guild=guild, intents=intents))

    def find(self, channel: Channel, message_id: int) -> Message:
        found = channel.messages.get(message_id)
        if found is None:
            raise Refused(10008)
        return found

    def attach(self, channel: Channel, upload: Upload, description: str | None) -> Attachment:
        name, content, kind = upload
        number = self.clock.snowflake()
        url = f"{self.files_at}/attachments/{channel.id}/{number}/{name}"
        made = Attachment(id=number, filename=name, content=content, content_type=kind, url=url, description=description)
        self.files[number] = made
        return made

    def _fill(self, message: Message, draft: Draft, replied_to: Message | None) -> None:
        if draft.content is not None:
            message.content = draft.content
        if draft.embeds is not None:
            message.embeds = list(draft.embeds)
        if draft.components is not None:
            message.components = list(draft.components)
        if draft.kept is not None:
            message.attachments = [one for one in message.attachments if one.id in draft.kept]
        made = [self.attach(message.channel, one, draft.descriptions.get(number)) for number, one in enumerate(draft.uploads)]
        message.attachments = [*message.attachments, *made]
        for embed in message.embeds:
            for one in made:
                _point(embed, one)
        if draft.content is not None or draft.components is not None:
            mention_people(message, self.users, draft.allowed, replied_to)

    def _still_pinged(self, message: Message) -> Message | None:
        """The message that this one answers, if answering it pinged its author: an edit does not take that back."""
        if not message.reference or not any(who.startswith("reply:") for who in message.live):
            return None
        return message.channel.messages.get(int(message.reference["message_id"]))

    def _refer(self, message: Message, reference: Mapping[str, Any] | None) -> Message | None:
        """Note what a message answers; a missing one is refused, unless the draft says not to."""
        if not reference:
            return None
        number = int(reference["message_id"])
        found = message.channel.messages.get(number)
        if found is None and reference.get("fail_if_not_exists", True):
            errors = {"message_reference": {"_errors": [{"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}]}}
            raise Refused(50035, errors=errors)
        if found is None:
            return None
        message.type = REPLY
        message.reference = {"type": 0, "message_id": str(number), "channel_id": str(message.channel.id)}
        if message.channel.guild:
            message.reference["guild_id"] = str(message.channel.guild.id)
        return found

    def _tell_in(self, channel: Channel, name: str, body: Mapping[str, Any], in_guild: int, in_dm: int) -> None:
        if not self.may(self.bot, channel) & May.VIEW_CHANNEL:
            return
        told = {**body, "channel_id": str(channel.id)} | ({"guild_id": str(channel.guild.id)} if channel.guild else {})
        self.tell(Event(name=name, body=lambda _: told, guild=channel.guild, intents=in_guild if channel.guild else in_dm))


def _point(embed: dict[str, Any], attachment: Attachment) -> None:
    """Let pictures of an embed that name a file point to it."""
    for part in ("image", "thumbnail"):
        if (embed.get(part) or {}).get("url") == f"attachment://{attachment.filename}":
            embed[part] = {**embed[part], "url": attachment.url}
