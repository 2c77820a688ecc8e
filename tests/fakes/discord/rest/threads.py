"""Routes about threads."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.api import NOTHING, Answer, Api, Request, Route
from tests.fakes.discord.payloads import channel_json, thread_member_json
from tests.fakes.discord.permissions import May
from tests.fakes.discord.refusals import Faults, Refused
from tests.fakes.discord.rest.channels import DURATIONS
from tests.fakes.discord.threads import add_thread
from tests.fakes.discord.values import PRIVATE_THREAD, PUBLIC_THREAD, TEXT, Channel, Message

THREADS = "/channels/{channel_id}/threads"
FIELDS = "name auto_archive_duration rate_limit_per_user type invitable".split()


def from_message(api: Api, request: Request) -> Answer:
    parent = _parent(api, request)
    message = api.message(request, parent)
    if message.thread:
        raise Refused(160004)
    if not api.world.may(api.bot, parent) & May.CREATE_PUBLIC_THREADS:
        raise Refused(50013)
    return 201, _create(api, parent, request.body or {}, PUBLIC_THREAD, message)


def without_message(api: Api, request: Request) -> Answer:
    """A thread of its own; private when the type is not given, which surprises people."""
    parent = _parent(api, request)
    body = request.body or {}
    kind = body.get("type", PRIVATE_THREAD)
    need = May.CREATE_PRIVATE_THREADS if kind == PRIVATE_THREAD else May.CREATE_PUBLIC_THREADS
    if not api.world.may(api.bot, parent) & need:
        raise Refused(50013)
    return 201, _create(api, parent, body, kind, None)


def archived_public(api: Api, request: Request) -> Answer:
    return _archived(api, request, PUBLIC_THREAD)


def archived_private(api: Api, request: Request) -> Answer:
    if not api.world.may(api.bot, api.channel(request)) & May.MANAGE_THREADS:
        raise Refused(50013)
    return _archived(api, request, PRIVATE_THREAD)


def active(api: Api, request: Request) -> Answer:
    guild = api.guild(request)
    threads = [one for one in _visible(api) if one.guild is guild and not one.archived]
    return 200, {"threads": [channel_json(one) for one in threads], "members": _memberships(api, threads)}


def join(api: Api, request: Request) -> Answer:
    thread = _thread(api, request)
    if api.bot.id not in thread.thread_members:
        thread.thread_members.append(api.bot.id)
    return NOTHING


def leave(api: Api, request: Request) -> Answer:
    thread = _thread(api, request)
    if api.bot.id in thread.thread_members:
        thread.thread_members.remove(api.bot.id)
    return NOTHING


def invite(api: Api, request: Request) -> Answer:
    thread = _thread(api, request)
    user = request.id("user_id")
    if thread.guild is None or user not in thread.guild.members:
        raise Refused(10007)
    if user not in thread.thread_members:
        thread.thread_members.append(user)
    return NOTHING


def members(api: Api, request: Request) -> Answer:
    thread = _thread(api, request)
    return 200, [thread_member_json(thread, user) for user in thread.thread_members]


def _parent(api: Api, request: Request) -> Channel:
    parent = api.channel(request)
    if parent.kind != TEXT:
        raise Refused(50024)
    return parent


def _thread(api: Api, request: Request) -> Channel:
    thread = api.channel(request)
    if not thread.is_thread:
        raise Refused(50024)
    if thread.archived:
        raise Refused(50083)
    return thread


def _create(api: Api, parent: Channel, body: dict[str, Any], kind: int, starter: Message | None) -> dict[str, Any]:
    faults = Faults()
    faults.unknown(body, FIELDS)
    name = faults.text(body.get("name"), ("name",), least=1, most=100)
    duration = body.get("auto_archive_duration") or 1440
    if duration not in DURATIONS:
        faults.choice(("auto_archive_duration",), DURATIONS)
    if kind not in (PUBLIC_THREAD, PRIVATE_THREAD):
        faults.choice(("type",), (PUBLIC_THREAD, PRIVATE_THREAD))
    faults.refuse()
    thread = add_thread(api.world, parent, api.bot, name, kind=kind, auto_archive=duration, starter=starter)
    return {**channel_json(thread), "member": thread_member_json(thread, api.bot.id)}


def _archived(api: Api, request: Request, kind: int) -> Answer:
    """Latest first; `before` is a time."""
    parent = api.channel(request, May.READ_MESSAGE_HISTORY)
    limit = request.number("limit", 50, least=2, most=100)
    found = [one for one in _visible(api) if one.parent is parent and one.archived and one.kind == kind]
    if request.query.get("before"):
        found = [one for one in found if one.archive_stamp < request.query["before"]]
    found.sort(key=lambda one: one.archive_stamp, reverse=True)
    told = [channel_json(one) for one in found[:limit]]
    return 200, {"threads": told, "members": _memberships(api, found[:limit]), "has_more": len(found) > limit}


def _visible(api: Api) -> list[Channel]:
    return [one for one in api.world.channels.values() if one.is_thread and not one.deleted and api.world.may(api.bot, one)]


def _memberships(api: Api, threads: list[Channel]) -> list[dict[str, Any]]:
    return [thread_member_json(one, api.bot.id) for one in threads if api.bot.id in one.thread_members]


ROUTES: tuple[Route, ...] = (
    ("POST", "/channels/{channel_id}/messages/{message_id}/threads", from_message),
    ("POST", THREADS, without_message),
    ("GET", f"{THREADS}/archived/public", archived_public),
    ("GET", f"{THREADS}/archived/private", archived_private),
    ("GET", "/guilds/{guild_id}/threads/active", active),
    ("PUT", "/channels/{channel_id}/thread-members/@me", join),
    ("DELETE", "/channels/{channel_id}/thread-members/@me", leave),
    ("PUT", "/channels/{channel_id}/thread-members/{user_id}", invite),
    ("GET", "/channels/{channel_id}/thread-members", members),
)
