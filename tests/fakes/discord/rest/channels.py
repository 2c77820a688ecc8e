"""Routes about channels and being seen typing in them."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.api import NOTHING, Answer, Api, Request, Route
from tests.fakes.discord.payloads import channel_json
from tests.fakes.discord.permissions import May
from tests.fakes.discord.refusals import Faults, Refused
from tests.fakes.discord.threads import update_thread
from tests.fakes.discord.values import Channel

DURATIONS = (60, 1440, 4320, 10080)


def show(api: Api, request: Request) -> Answer:
    return 200, channel_json(api.channel(request))


def change(api: Api, request: Request) -> Answer:
    """Only threads can be changed here; the owner may rename and archive, moderators everything."""
    thread = api.channel(request)
    if not thread.is_thread:
        raise Refused(50024)
    body: dict[str, Any] = request.body or {}
    _check(body)
    moderates = bool(api.world.may(api.bot, thread) & May.MANAGE_THREADS)
    if not moderates and (thread.owner != api.bot.id or "locked" in body):
        raise Refused(50013)
    if thread.archived and body.get("archived") is not False:
        raise Refused(50083)
    names = {"auto_archive_duration": "auto_archive", "rate_limit_per_user": "slowmode"}
    update_thread(api.world, thread, **{names.get(name, name): value for name, value in body.items() if name != "invitable"})
    return 200, channel_json(thread)


def remove(api: Api, request: Request) -> Answer:
    channel = api.channel(request)
    need = May.MANAGE_THREADS if channel.is_thread else May.MANAGE_CHANNELS
    if channel.guild and not api.world.may(api.bot, channel) & need:
        raise Refused(50013)
    api.world.remove_channel(channel)
    return 200, channel_json(channel)


def typing(api: Api, request: Request) -> Answer:
    channel = api.channel(request, speaking(api, request))
    api.typing.append((api.world.clock.now(), channel))
    return NOTHING


def speaking(api: Api, request: Request) -> int:
    """What one must be allowed in order to speak in the channel of a path."""
    channel: Channel | None = api.world.channels.get(request.id("channel_id"))
    return int(May.SEND_MESSAGES_IN_THREADS if channel and channel.is_thread else May.SEND_MESSAGES)


def _check(body: dict[str, Any]) -> None:
    faults = Faults()
    faults.unknown(body, "name archived auto_archive_duration locked invitable rate_limit_per_user".split())
    if "name" in body:
        faults.text(body["name"], ("name",), least=1, most=100)
    if "auto_archive_duration" in body and body["auto_archive_duration"] not in DURATIONS:
        faults.choice(("auto_archive_duration",), DURATIONS)
    faults.refuse()


ROUTES: tuple[Route, ...] = (
    ("GET", "/channels/{channel_id}", show),
    ("PATCH", "/channels/{channel_id}", change),
    ("DELETE", "/channels/{channel_id}", remove),
    ("POST", "/channels/{channel_id}/typing", typing),
)
