"""Routes about the bot itself, other users, and where the gateway is."""

from __future__ import annotations

from tests.fakes.discord.api import Answer, Api, Request, Route
from tests.fakes.discord.events import Intent
from tests.fakes.discord.payloads import application_json, channel_json, own_json, user_json
from tests.fakes.discord.refusals import Refused, invalid


def me(api: Api, request: Request) -> Answer:
    return 200, own_json(api.bot)


def application(api: Api, request: Request) -> Answer:
    """The application; its flags tell which privileged intents are switched on, as for a bot in few servers."""
    flags = sum(
        flag
        for intent, flag in ((Intent.PRESENCES, 1 << 13), (Intent.MEMBERS, 1 << 15), (Intent.CONTENT, 1 << 19))
        if api.gateway.allowed & intent
    )
    return 200, application_json(api.bot, api.owner, flags)


def gateway(api: Api, request: Request) -> Answer:
    limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
    return 200, {"url": api.gateway.resume_url.rsplit("/", 1)[0], "shards": api.gateway.shards, "session_start_limit": limit}


def user(api: Api, request: Request) -> Answer:
    found = api.world.users.get(request.id("user_id"))
    if found is None:
        raise Refused(10013)
    return 200, user_json(found)


def open_dm(api: Api, request: Request) -> Answer:
    recipient = str((request.body or {}).get("recipient_id", ""))
    if not recipient.isdigit():
        raise invalid("recipient_id", "BASE_TYPE_REQUIRED", "This field is required")
    found = api.world.users.get(int(recipient))
    if found is None:
        raise Refused(10013)
    if found.bot:
        raise Refused(50007)
    return 200, channel_json(api.world.dm(found))


def own_guilds(api: Api, request: Request) -> Answer:
    guilds = [one for one in api.world.guilds.values() if api.bot.id in one.members]
    told: list[dict[str, object]] = [
        {"id": str(one.id), "name": one.name, "icon": None, "banner": None, "owner": False, "permissions": "0", "features": []}
        for one in guilds
    ]
    return 200, told


ROUTES: tuple[Route, ...] = (
    ("GET", "/users/@me", me),
    ("GET", "/oauth2/applications/@me", application),
    ("GET", "/applications/@me", application),
    ("GET", "/gateway/bot", gateway),
    ("GET", "/users/@me/guilds", own_guilds),
    ("POST", "/users/@me/channels", open_dm),
    ("GET", "/users/{user_id}", user),
)
