"""Values go in; the JSON that Discord sends of them comes out."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.clock import born, stamp
from tests.fakes.discord.permissions import permissions
from tests.fakes.discord.values import DM, Attachment, Channel, Guild, Member, Message, Role, User

Json = dict[str, Any]


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "0",
        "global_name": None if user.bot else user.name,
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
    }


def own_json(bot: User) -> Json:
    """What a bot gets to know of itself."""
    return {**user_json(bot), "mfa_enabled": False, "verified": True, "email": None, "flags": 0, "locale": "en-US"}


def application_json(bot: User, owner: User, flags: int) -> Json:
    return {
        "id": str(bot.id),
        "name": bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "00" * 32,
        "owner": user_json(owner),
        "team": None,
        "flags": flags,
        "interactions_endpoint_url": None,
        "integration_types_config": {"0": {}, "1": {}},
    }


def role_json(role: Role) -> Json:
    return {
        "id": str(role.id),
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": role.position,
        "permissions": str(int(role.permissions)),
        "managed": False,
        "mentionable": role.mentionable,
        "flags": 0,
    }


def member_json(member: Member, *, with_user: bool = True) -> Json:
    told: Json = {
        "roles": [str(role) for role in member.roles],
        "joined_at": member.joined,
        "nick": None,
        "avatar": None,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    return told | ({"user": user_json(member.user)} if with_user else {})


def channel_json(channel: Channel) -> Json:
    told: Json = {"id": str(channel.id), "type": channel.kind, "flags": 0}
    told["last_message_id"] = None if channel.last_message is None else str(channel.last_message)
    if channel.kind == DM:
        recipient = channel.recipient
        return told | {"recipients": [user_json(recipient)] if recipient else []}
    assert channel.guild is not None
    told |= {"guild_id": str(channel.guild.id), "name": channel.name, "rate_limit_per_user": channel.slowmode}
    if channel.is_thread:
        return told | _thread_part(channel)
    overwrites = [
        {"id": str(one), "type": 0 if one in channel.guild.roles else 1, "allow": str(int(allow)), "deny": str(int(deny))}
        for one, (allow, deny) in channel.overwrites.items()
    ]
    more = {"position": channel.position, "permission_overwrites": overwrites, "nsfw": False, "topic": channel.topic}
    return told | more | {"parent_id": None}


def _thread_part(thread: Channel) -> Json:
    assert thread.parent is not None
    metadata = {
        "archived": thread.archived,
        "auto_archive_duration": thread.auto_archive,
        "archive_timestamp": thread.archive_stamp,
        "locked": thread.locked,
        "create_timestamp": thread.made_stamp,
    }
    if thread.kind == 12:
        metadata["invitable"] = True
    return {
        "parent_id": str(thread.parent.id),
        "owner_id": str(thread.owner),
        "thread_metadata": metadata,
        "message_count": len(thread.messages),
        "member_count": len(thread.thread_members),
        "total_message_sent": len(thread.messages),
    }


def thread_member_json(thread: Channel, user: int) -> Json:
    return {"id": str(thread.id), "user_id": str(user), "join_timestamp": thread.made_stamp, "flags": 0}


def guild_json(guild: Guild, channels: list[Channel], bot: User, *, everybody: bool = False) -> Json:
    """A guild as `GUILD_CREATE` brings it; the members are `everybody` for bots with the presence intent, else only the bot."""
    visible = [one for one in channels if permissions(guild, bot.id, one) or not one.is_thread]
    threads = [
        {**channel_json(one), "member": thread_member_json(one, bot.id)} for one in visible if one.is_thread and not one.archived
    ]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": str(guild.owner),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role_json(role) for role in guild.roles.values()],
        "emojis": [],
        "features": [],
        "mfa_level": 0,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "preferred_locale": guild.locale,
        "public_updates_channel_id": None,
        "nsfw_level": 0,
        "stickers": [],
        "premium_progress_bar_enabled": False,
        "joined_at": guild.members[bot.id].joined,
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "voice_states": [],
        "members": [member_json(one) for one in guild.members.values() if everybody or one.user is bot],
        "channels": [channel_json(one) for one in visible if not one.is_thread],
        "threads": threads,
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment_json(attachment: Attachment) -> Json:
    told = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": len(attachment.content),
        "url": attachment.url,
        "proxy_url": attachment.url,
        "content_type": attachment.content_type,
    }
    return told | ({"description": attachment.description} if attachment.description else {})


def message_json(message: Message, *, bot: User, sees_all: bool, live: bool = False, deep: bool = True) -> Json:
    """A message as the bot gets it.

    Without the message-content intent (`sees_all`) it is emptied, unless the bot wrote it, is mentioned in it, or it is a
    direct message. `live` adds what only the gateway sends.
    """
    seen = sees_all or message.author is bot or message.channel.guild is None or bot in message.mentions
    told: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "author": user_json(message.author),
        "content": message.content if seen else "",
        "timestamp": stamp(message.made),
        "edited_timestamp": None if message.edited is None else stamp(message.edited),
        "tts": message.tts,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_json(one) for one in message.mentions],
        "mention_roles": [str(one) for one in message.mention_roles],
        "attachments": [attachment_json(one) for one in message.attachments] if seen else [],
        "embeds": [{"type": "rich", **embed} for embed in message.embeds] if seen else [],
        "components": message.components if seen else [],
        "reactions": [_reaction(emoji, who, bot) for emoji, who in message.reactions.items()],
        "pinned": False,
        "type": message.type,
        "flags": message.flags,
    }
    if message.nonce is not None:
        told["nonce"] = message.nonce
    if message.app:
        told |= {"webhook_id": str(message.app), "application_id": str(message.app)}
    if message.interaction:
        told["interaction_metadata"] = message.interaction
    if message.reference:
        told["message_reference"] = message.reference
        if deep:
            told["referenced_message"] = _referenced(message, bot=bot, sees_all=sees_all)
    if message.thread:
        told["thread"] = channel_json(message.thread)
    return told | (_live_part(message) if live else {})


def _referenced(message: Message, *, bot: User, sees_all: bool) -> Json | None:
    assert message.reference is not None
    place = message.channel.parent if message.type == 21 and message.channel.parent else message.channel
    found = place.messages.get(int(message.reference["message_id"]))
    return message_json(found, bot=bot, sees_all=sees_all, deep=False) if found else None


def _live_part(message: Message) -> Json:
    guild = message.channel.guild
    told: Json = {"channel_type": message.channel.kind}
    if guild:
        told["guild_id"] = str(guild.id)
        if message.author.id in guild.members and not message.app:
            told["member"] = member_json(guild.members[message.author.id], with_user=False)
        told["mentions"] = [
            {**user_json(one), "member": member_json(guild.members[one.id], with_user=False)}
            if one.id in guild.members
            else user_json(one)
            for one in message.mentions
        ]
    return told


def _reaction(emoji: str, who: list[int], bot: User) -> Json:
    return {
        "emoji": emoji_json(emoji),
        "count": len(who),
        "count_details": {"burst": 0, "normal": len(who)},
        "me": bot.id in who,
        "me_burst": False,
        "burst_colors": [],
    }


def emoji_json(emoji: str) -> Json:
    name, _, number = emoji.partition(":")
    return {"id": number or None, "name": name}


def made(snowflake: int) -> str:
    return stamp(born(snowflake))
