"""Routes about guilds, their members, roles and channels."""

from __future__ import annotations

from tests.fakes.discord.api import Answer, Api, Request, Route
from tests.fakes.discord.events import Intent
from tests.fakes.discord.payloads import channel_json, guild_json, member_json, role_json
from tests.fakes.discord.refusals import Refused


def show(api: Api, request: Request) -> Answer:
    guild = api.guild(request)
    told = guild_json(guild, [], api.bot)
    gateway_only = "channels threads members presences voice_states joined_at large unavailable member_count".split()
    return 200, {name: value for name, value in told.items() if name not in gateway_only}


def channels(api: Api, request: Request) -> Answer:
    guild = api.guild(request)
    return 200, [
        channel_json(one) for one in api.world.channels.values() if one.guild is guild and not one.is_thread and not one.deleted
    ]


def roles(api: Api, request: Request) -> Answer:
    return 200, [role_json(one) for one in api.guild(request).roles.values()]


def member(api: Api, request: Request) -> Answer:
    found = api.guild(request).members.get(request.id("user_id"))
    if found is None:
        raise Refused(10007 if request.id("user_id") in api.world.users else 10013)
    return 200, member_json(found)


def members(api: Api, request: Request) -> Answer:
    """Everybody; only for applications with the members intent."""
    guild = api.guild(request)
    if not api.gateway.allowed & Intent.MEMBERS:
        raise Refused(50001)
    after, limit = int(request.query.get("after") or 0), request.number("limit", 1, least=1, most=1000)
    found = sorted((one for one in guild.members.values() if one.user.id > after), key=lambda one: one.user.id)
    return 200, [member_json(one) for one in found[:limit]]


ROUTES: tuple[Route, ...] = (
    ("GET", "/guilds/{guild_id}", show),
    ("GET", "/guilds/{guild_id}/channels", channels),
    ("GET", "/guilds/{guild_id}/roles", roles),
    ("GET", "/guilds/{guild_id}/members/{user_id}", member),
    ("GET", "/guilds/{guild_id}/members", members),
)
