"""Routes about reactions."""

from __future__ import annotations

import re

from tests.fakes.discord.api import NOTHING, Answer, Api, Request, Route
from tests.fakes.discord.payloads import user_json
from tests.fakes.discord.permissions import May
from tests.fakes.discord.refusals import Refused

REACTION = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"
MOST_KINDS = 20


def add(api: Api, request: Request) -> Answer:
    channel = api.channel(request, May.READ_MESSAGE_HISTORY)
    message = api.message(request, channel)
    emoji = _emoji(request)
    if channel.archived:
        raise Refused(50083)
    if emoji not in message.reactions:
        api.channel(request, May.ADD_REACTIONS)
        if len(message.reactions) >= MOST_KINDS:
            raise Refused(30010, "Maximum number of reactions reached (20)")
    api.world.react(api.bot, message, emoji, add=True)
    return NOTHING


def remove_own(api: Api, request: Request) -> Answer:
    message = api.message(request, api.channel(request))
    api.world.react(api.bot, message, _emoji(request), add=False)
    return NOTHING


def remove_other(api: Api, request: Request) -> Answer:
    message = api.message(request, api.channel(request, May.MANAGE_MESSAGES))
    user = api.world.users.get(request.id("user_id"))
    if user is None:
        raise Refused(10013)
    api.world.react(user, message, _emoji(request), add=False)
    return NOTHING


def who(api: Api, request: Request) -> Answer:
    message = api.message(request, api.channel(request))
    limit = request.number("limit", 25, least=1, most=100)
    return 200, [user_json(api.world.users[one]) for one in message.reactions.get(_emoji(request), [])[:limit]]


def _emoji(request: Request) -> str:
    """A Unicode emoji, or `name:id`; anything in letters alone does not exist."""
    emoji = request.params["emoji"]
    if not re.fullmatch(r"\w+:\d+", emoji) and (emoji.isascii() or emoji.isalpha()):
        raise Refused(10014)
    return emoji


ROUTES: tuple[Route, ...] = (
    ("PUT", f"{REACTION}/@me", add),
    ("DELETE", f"{REACTION}/@me", remove_own),
    ("DELETE", f"{REACTION}/{{user_id}}", remove_other),
    ("GET", REACTION, who),
)
