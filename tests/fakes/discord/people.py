"""What people do: they write, react, use commands, press buttons, choose, and fill in forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.fakes.discord import calls
from tests.fakes.discord.api import Api
from tests.fakes.discord.calls import Call
from tests.fakes.discord.drafts import MOST_CONTENT, Draft
from tests.fakes.discord.events import Event, Intent
from tests.fakes.discord.payloads import channel_json, member_json, message_json, user_json
from tests.fakes.discord.permissions import May, permissions
from tests.fakes.discord.picking import Impossible, focused_kind, form_values, options_of, pick_button, pick_command, pick_select
from tests.fakes.discord.threads import add_thread, update_thread
from tests.fakes.discord.values import Channel, Message, User


@dataclass(slots=True, kw_only=True)
class People:
    """Does as people do, at once; whoever waits for the bot waits on the `Call` or with `until`."""

    api: Api
    wait: Callable[[Callable[[], object], float], Any]
    deadline: float = 3.0
    """Seconds within which an interaction must be acknowledged."""
    token_life: float = 900.0
    """Seconds for which an interaction's token works."""

    # Messages

    def says(
        self,
        user: User,
        channel: Channel | User,
        text: str,
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        files: Mapping[str, bytes] | None = None,
    ) -> Message:
        """Write a message; `@bot` in the text becomes a mention of the bot. To a bot's user it is a direct message."""
        place = self._place(user, channel)
        content = self._spelled(text).strip()
        if len(content) > MOST_CONTENT or not (content or files):
            raise Impossible(f"nobody can send {len(content)} characters")
        if place.locked:
            raise Impossible("the thread is locked")
        reference = {"message_id": str(reply_to.id)} if reply_to else None
        uploads = [(name, data, "text/plain") for name, data in (files or {}).items()]
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        return self.api.world.post(place, user, Draft(content=content, reference=reference, uploads=uploads, allowed=allowed))

    def edits(self, user: User, message: Message, text: str) -> None:
        self._own(user, message)
        self.api.world.edit(message, Draft(content=self._spelled(text)))

    def deletes(self, user: User, message: Message) -> None:
        """Delete an own message, or any as a moderator."""
        if not self.api.world.may(user, message.channel) & May.MANAGE_MESSAGES:
            self._own(user, message)
        self.api.world.delete(message)

    def reacts(self, user: User, message: Message, emoji: str, *, add: bool = True) -> None:
        self._place(user, message.channel)
        self.api.world.react(user, message, emoji, add=add)

    def types(self, user: User, channel: Channel) -> None:
        """Be seen typing."""
        place = self._place(user, channel)
        guild = place.guild
        told: dict[str, Any] = {
            "channel_id": str(place.id),
            "user_id": str(user.id),
            "timestamp": int(self.api.world.clock.now()),
        }
        if guild:
            told |= {"guild_id": str(guild.id), "member": member_json(guild.members[user.id])}
        intents = Intent.GUILD_TYPING if guild else Intent.DM_TYPING
        self.api.world.tell(Event(name="TYPING_START", body=lambda _: told, guild=guild, intents=intents))

    def opens_thread(self, user: User, where: Channel | Message, name: str) -> Channel:
        """Open a thread, from a message or without one."""
        parent = where.channel if isinstance(where, Message) else where
        self._place(user, parent)
        starter = where if isinstance(where, Message) else None
        return add_thread(self.api.world, parent, user, name, kind=11, auto_archive=1440, starter=starter)

    def archives(self, thread: Channel, *, locked: bool = False) -> None:
        update_thread(self.api.world, thread, archived=True, locked=locked)

    def sees(self, user: User, channel: Channel | User) -> list[Message]:
        """What a person sees there, oldest first: everybody's messages, and the ephemeral ones for them alone."""
        place = self._place(user, channel)
        private = [one for one in self.api.world.ephemerals.values() if one.channel is place and one.only_for == user.id]
        return sorted((one for one in [*place.messages.values(), *private] if one.type != 21), key=lambda one: one.id)

    # Interactions

    def slash(self, user: User, channel: Channel | User, name: str, /, **options: Any) -> Call:
        """Use a slash command, `name` with its subcommands: `slash(mei, kitchen, "memory show", topic="rice")`."""
        place = self._place(user, channel)
        command, path = pick_command(self.api, user, place, name, kind=1)
        data = {**self._about(command), **options_of(self.api, command, path, options)}
        return self._call(calls.COMMAND, user, place, data, owners=self._owners(user, place, command))

    def types_into(self, user: User, channel: Channel | User, name: str, option: str, text: str, /, **options: Any) -> Call:
        """Type into an option that completes; the choices come in `call.choices`."""
        place = self._place(user, channel)
        command, path = pick_command(self.api, user, place, name, kind=1)
        filled = options_of(self.api, command, path, {**options, option: text}, focused=option)
        call = self._call(
            calls.AUTOCOMPLETE, user, place, {**self._about(command), **filled}, owners=self._owners(user, place, command)
        )
        call.focus_kind = focused_kind(filled["options"])
        return call

    def uses_menu(self, user: User, message: Message, name: str) -> Call:
        """Use an entry of a message's context menu; the bot then gets the message with its content."""
        place = self._place(user, message.channel)
        command, _ = pick_command(self.api, user, place, name, kind=3)
        told = message_json(message, bot=self.api.bot, sees_all=True)
        data = {**self._about(command), "target_id": str(message.id), "resolved": {"messages": {str(message.id): told}}}
        return self._call(calls.COMMAND, user, place, data, owners=self._owners(user, place, command))

    def presses(self, user: User, message: Message, button: str) -> Call:
        """Press a button, named by its custom id or by its label."""
        self._sees(user, message)
        custom_id = pick_button(message, button)
        return self._component(user, message, {"component_type": 2, "custom_id": custom_id})

    def chooses(self, user: User, message: Message, *values: str, select: str = "") -> Call:
        """Choose values, or labels, in a select menu; `select` is its custom id when there are several."""
        self._sees(user, message)
        menu, chosen = pick_select(message, select, values)
        return self._component(user, message, {"component_type": menu["type"], "custom_id": menu["custom_id"], "values": chosen})

    def submits(self, user: User, call: Call, /, **values: str | Sequence[str]) -> Call:
        """Fill in the form that an interaction opened and send it."""
        if not call.modal:
            raise Impossible("no form was opened")
        data = {"custom_id": call.modal["custom_id"], "components": form_values(call.modal, values)}
        return self._call(calls.MODAL, user, call.channel, data, owners=call.owners, message=call.message)

    # Steps

    def _component(self, user: User, message: Message, data: dict[str, Any]) -> Call:
        owners = (message.interaction or {}).get("authorizing_integration_owners") or self._owners(user, message.channel, None)
        return self._call(calls.COMPONENT, user, message.channel, {"id": 1, **data}, owners=owners, message=message)

    def _call(
        self,
        kind: int,
        user: User,
        place: Channel,
        data: dict[str, Any],
        *,
        owners: dict[str, str],
        message: Message | None = None,
    ) -> Call:
        world = self.api.world
        call = Call(
            id=world.clock.snowflake(),
            token=f"aW50ZXJhY3Rpb246{uuid4().hex}",
            kind=kind,
            user=user,
            channel=place,
            data=data,
            made=world.clock.now(),
            clock=world.clock,
            deadline=self.deadline,
            life=self.token_life,
            wait=self.wait,
            message=message,
            owners=owners,
        )
        self.api.calls[call.id] = call
        body = self._told(call)
        world.tell(Event(name="INTERACTION_CREATE", body=lambda _: body, guild=place.guild))
        return call

    def _told(self, call: Call) -> dict[str, Any]:
        guild, bot = call.channel.guild, self.api.bot
        told: dict[str, Any] = {
            "id": str(call.id),
            "application_id": str(bot.id),
            "type": call.kind,
            "token": call.token,
            "version": 1,
            "data": call.data,
            "channel_id": str(call.channel.id),
            "channel": {**channel_json(call.channel), "permissions": str(permissions(guild, call.user.id, call.channel))},
            "app_permissions": str(permissions(guild, bot.id, call.channel)),
            "locale": call.user.locale,
            "entitlements": [],
            "authorizing_integration_owners": call.owners,
            "context": 0 if guild else 1,
            "attachment_size_limit": 10 * 1024 * 1024,
        }
        if call.message:
            told["message"] = message_json(call.message, bot=bot, sees_all=True)
        if guild is None:
            return {**told, "user": user_json(call.user)}
        told |= {"guild_id": str(guild.id), "guild_locale": guild.locale}
        told["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        told["member"] = {
            **member_json(guild.members[call.user.id]),
            "permissions": str(permissions(guild, call.user.id, call.channel)),
        }
        return told

    def _about(self, command: Mapping[str, Any]) -> dict[str, Any]:
        about = {"id": command["id"], "name": command["name"], "type": command["type"]}
        return about | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})

    def _owners(self, user: User, place: Channel, command: Mapping[str, Any] | None) -> dict[str, str]:
        """By whom the app was installed, as far as it counts here."""
        kinds = (0, 1) if command is None else command["integration_types"]
        owners = {}
        if 0 in kinds and (place.guild is None or self.api.bot.id in place.guild.members):
            owners["0"] = str(place.guild.id) if place.guild else "0"
        if 1 in kinds and user.installed:
            owners["1"] = str(user.id)
        return owners

    def _place(self, user: User, channel: Channel | User) -> Channel:
        """The channel, when the person sees it; a user stands for the direct messages with them."""
        if isinstance(channel, User):
            channel = self.api.world.dm(user if channel is self.api.bot else channel)
        if channel.deleted or not self.api.world.may(user, channel) & May.VIEW_CHANNEL:
            raise Impossible(f"{user.name} does not see this channel")
        return channel

    def _spelled(self, text: str) -> str:
        return re.sub(r"@bot\b", self.api.bot.mention, text)

    def _own(self, user: User, message: Message) -> None:
        if message.author is not user or message.deleted:
            raise Impossible(f"this is not a message of {user.name}")

    def _sees(self, user: User, message: Message) -> None:
        if message.deleted or message.only_for not in (None, user.id):
            raise Impossible(f"{user.name} does not see this message")
        self._place(user, message.channel)
