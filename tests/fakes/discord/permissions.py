"""Roles and overwrites go in; what a member may do in a channel comes out, as Discord computes it."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.discord.values import Channel, Guild


class May(IntFlag):
    """The permissions that the fake looks at."""

    MANAGE_CHANNELS = 1 << 4
    ADMINISTRATOR = 1 << 3
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL = (1 << 53) - 1
ORDINARY = (
    May.ADD_REACTIONS
    | May.VIEW_CHANNEL
    | May.SEND_MESSAGES
    | May.EMBED_LINKS
    | May.ATTACH_FILES
    | May.READ_MESSAGE_HISTORY
    | May.MENTION_EVERYONE
    | May.USE_APPLICATION_COMMANDS
    | May.CREATE_PUBLIC_THREADS
    | May.CREATE_PRIVATE_THREADS
    | May.SEND_MESSAGES_IN_THREADS
)
"""What @everyone may do in a new guild; pinging everyone is part of it."""
IN_DM = ORDINARY & ~May.CREATE_PUBLIC_THREADS & ~May.CREATE_PRIVATE_THREADS


def permissions(guild: Guild | None, user: int, channel: Channel | None = None) -> int:
    """The bits that a user has in a channel; 0 for one who is no member."""
    if guild is None:
        return int(IN_DM)
    if user not in guild.members:
        return 0
    roles = guild.members[user].roles
    bits = guild.roles[guild.id].permissions
    for role in roles:
        bits |= guild.roles[role].permissions
    if bits & May.ADMINISTRATOR or guild.owner == user:
        return ALL
    return _overwritten(bits, guild, user, channel) if channel else bits


def _overwritten(bits: int, guild: Guild, user: int, channel: Channel) -> int:
    overwrites = (channel.parent or channel).overwrites
    allow, deny = overwrites.get(guild.id, (0, 0))
    bits = bits & ~deny | allow
    theirs = [overwrites[role] for role in guild.members[user].roles if role in overwrites]
    for _, deny in theirs:
        bits &= ~deny
    for allow, _ in theirs:
        bits |= allow
    allow, deny = overwrites.get(user, (0, 0))
    bits = bits & ~deny | allow
    if channel.kind == PRIVATE_THREAD and user not in channel.thread_members and not bits & May.MANAGE_THREADS:
        return 0
    return bits if bits & May.VIEW_CHANNEL else 0


PRIVATE_THREAD = 12
