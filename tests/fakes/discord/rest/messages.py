"""Routes about messages of channels, direct messages and threads."""

from __future__ import annotations

from tests.fakes.discord.api import NOTHING, Answer, Api, Request, Route
from tests.fakes.discord.drafts import Draft, drafted
from tests.fakes.discord.permissions import May
from tests.fakes.discord.refusals import Refused
from tests.fakes.discord.rest.channels import speaking
from tests.fakes.discord.values import DEFAULT, REPLY, SUPPRESS_EMBEDS, Channel, Message

MESSAGES = "/channels/{channel_id}/messages"
ONE = f"{MESSAGES}/{{message_id}}"
NONCE_HOLDS = 300.0
"""Seconds for which a nonce is remembered; Discord says "the past few minutes"."""


def create(api: Api, request: Request) -> Answer:
    channel = api.channel(request, speaking(api, request))
    if channel.archived and channel.locked:
        raise Refused(50083)
    if channel.recipient and not channel.recipient.takes_dms:
        raise Refused(50007)
    draft = drafted(request.body or {}, request.files)
    _check_permissions(api, channel, draft)
    twin = _twin(api, channel, draft)
    return 200, api.told(twin or api.world.post(channel, api.bot, draft))


def change(api: Api, request: Request) -> Answer:
    channel = api.channel(request)
    message = api.message(request, channel)
    body = request.body or {}
    if message.author is not api.bot:
        return _suppress(api, message, body)
    if message.type not in (DEFAULT, REPLY, 20, 23):
        raise Refused(50021)
    if channel.archived:
        raise Refused(50083)
    api.world.edit(message, drafted(body, request.files, current=message))
    return 200, api.told(message)


def show(api: Api, request: Request) -> Answer:
    channel = api.channel(request, May.READ_MESSAGE_HISTORY)
    return 200, api.told(api.message(request, channel))


def remove(api: Api, request: Request) -> Answer:
    channel = api.channel(request)
    message = api.message(request, channel)
    if message.author is not api.bot and not (channel.guild and api.world.may(api.bot, channel) & May.MANAGE_MESSAGES):
        raise Refused(50013 if channel.guild else 50003, "" if channel.guild else "Cannot execute action on a DM channel")
    if channel.archived:
        raise Refused(50083)
    api.world.delete(message)
    return NOTHING


def history(api: Api, request: Request) -> Answer:
    """Newest first; nothing for a bot that may not read the history."""
    channel = api.channel(request)
    limit = request.number("limit", 50, least=1, most=100)
    if not api.world.may(api.bot, channel) & May.READ_MESSAGE_HISTORY:
        return 200, []
    every = sorted(channel.messages.values(), key=lambda one: one.id)
    return 200, [api.told(one) for one in reversed(_chosen(every, request, limit))]


def _chosen(every: list[Message], request: Request, limit: int) -> list[Message]:
    asked = {name: int(request.query[name]) for name in ("before", "after", "around") if request.query.get(name)}
    if "around" in asked:
        older = [one for one in every if one.id < asked["around"]]
        newer = [one for one in every if one.id >= asked["around"]]
        return [*older[-(limit // 2) :], *newer[: limit - limit // 2]]
    if "after" in asked:
        return [one for one in every if one.id > asked["after"]][:limit]
    if "before" in asked:
        every = [one for one in every if one.id < asked["before"]]
    return every[-limit:]


def _check_permissions(api: Api, channel: Channel, draft: Draft) -> None:
    bits = api.world.may(api.bot, channel)
    if draft.uploads and not bits & May.ATTACH_FILES:
        raise Refused(50013)
    if draft.embeds and not bits & May.EMBED_LINKS:
        raise Refused(50013)
    if draft.reference and not bits & May.READ_MESSAGE_HISTORY:
        raise Refused(160002, "Cannot reply without permission to read message history")


def _twin(api: Api, channel: Channel, draft: Draft) -> Message | None:
    """The message that was already sent with this nonce, if the draft wants nonces to hold."""
    if draft.nonce is None or not draft.enforce_nonce:
        return None
    since = api.world.clock.now() - NONCE_HOLDS
    sent = [one for one in channel.messages.values() if one.author is api.bot and one.nonce == draft.nonce and one.made > since]
    return sent[0] if sent else None


def _suppress(api: Api, message: Message, body: dict[str, object]) -> Answer:
    """Of other people's messages, a moderator may hide the embeds, and nothing else."""
    if set(body) != {"flags"} or not api.world.may(api.bot, message.channel) & May.MANAGE_MESSAGES or not message.channel.guild:
        raise Refused(50005)
    api.world.edit(message, Draft(flags=int(str(body["flags"])) & SUPPRESS_EMBEDS))
    return 200, api.told(message)


ROUTES: tuple[Route, ...] = (
    ("GET", MESSAGES, history),
    ("POST", MESSAGES, create),
    ("GET", ONE, show),
    ("PATCH", ONE, change),
    ("DELETE", ONE, remove),
)
