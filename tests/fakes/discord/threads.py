"""Threads: opening them, changing them, and what a message does to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.discord.payloads import channel_json, thread_member_json
from tests.fakes.discord.permissions import May
from tests.fakes.discord.values import HAS_THREAD, STARTER, Channel, Message, User

if TYPE_CHECKING:
    from tests.fakes.discord.world import World


def add_thread(
    world: World, parent: Channel, owner: User, name: str, *, kind: int, auto_archive: int, starter: Message | None
) -> Channel:
    """A thread; one that starts from a message has the message's id."""
    thread = Channel(
        id=starter.id if starter else world.clock.snowflake(), kind=kind, name=name, guild=parent.guild, parent=parent
    )
    thread.owner, thread.auto_archive, thread.thread_members = owner.id, auto_archive, [owner.id]
    thread.archive_stamp = thread.made_stamp = world.clock.stamp()
    world.channels[thread.id] = thread
    _tell(world, "THREAD_CREATE", thread, newly_created=True)
    if starter:
        starter.thread = thread
        starter.flags |= HAS_THREAD
        world.tell_message("MESSAGE_UPDATE", starter)
        opening = Message(id=world.clock.snowflake(), channel=thread, author=starter.author, made=world.clock.now(), type=STARTER)
        opening.reference = {"type": 0, "message_id": str(starter.id), "channel_id": str(parent.id)}
        thread.messages[opening.id] = opening
    return thread


def update_thread(world: World, thread: Channel, **changes: Any) -> None:
    if "archived" in changes and changes["archived"] != thread.archived:
        thread.archive_stamp = world.clock.stamp()
    for name, value in changes.items():
        setattr(thread, name, value)
    _tell(world, "THREAD_UPDATE", thread)


def _tell(world: World, name: str, thread: Channel, **more: Any) -> None:
    if thread.guild and world.may(world.bot, thread) & May.VIEW_CHANNEL:
        member = {"member": thread_member_json(thread, world.bot.id)} if world.bot.id in thread.thread_members else {}
        world.guild_event(name, thread.guild, {**channel_json(thread), **member, **more})


def liven(world: World, channel: Channel, author: User) -> None:
    """A message brings an archived thread back and its author into it."""
    if not channel.is_thread:
        return
    if author.id not in channel.thread_members:
        channel.thread_members.append(author.id)
    if channel.archived:
        update_thread(world, channel, archived=False)
