"""Routes about application commands, everywhere and of one guild."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.api import NOTHING, Answer, Api, Request, Route
from tests.fakes.discord.commands import CHAT, check_commands, kind_of
from tests.fakes.discord.refusals import Refused

EVERYWHERE = "/applications/{application_id}/commands"
IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
LOCALIZATIONS = ("name_localizations", "description_localizations")
Command = dict[str, Any]


def listed(api: Api, request: Request) -> Answer:
    """All of them; without `with_localizations` the other languages are left out."""
    found = api.commands.get(_place(api, request), [])
    return 200, found if request.query.get("with_localizations") in ("true", "1") else [_plain(one) for one in found]


def replace(api: Api, request: Request) -> Answer:
    place = _place(api, request)
    check_commands(request.body, guild=bool(place))
    api.commands[place] = [_made(api, request, body, _same(api, place, body)) for body in request.body]
    return 200, api.commands[place]


def create(api: Api, request: Request) -> Answer:
    """A new command, or the new form of the one with this name."""
    place = _place(api, request)
    old = _same(api, place, request.body)
    others = [one for one in api.commands.get(place, []) if one is not old]
    check_commands([request.body], guild=bool(place), single=True)
    check_commands([*others, request.body], guild=bool(place))
    made = _made(api, request, request.body, old)
    api.commands[place] = [*others, made]
    return 200 if old else 201, made


def show(api: Api, request: Request) -> Answer:
    return 200, _found(api, request)


def change(api: Api, request: Request) -> Answer:
    old = _found(api, request)
    body = {**old, **request.body}
    check_commands([body], guild=bool(_place(api, request)), single=True)
    old.update(_made(api, request, body, old))
    return 200, old


def remove(api: Api, request: Request) -> Answer:
    api.commands[_place(api, request)].remove(_found(api, request))
    return NOTHING


def _place(api: Api, request: Request) -> int:
    """The guild's id; 0 for everywhere."""
    if request.id("application_id") != api.bot.id:
        raise Refused(20012, "You are not authorized to perform this action on this application", status=403)
    return api.guild(request).id if "guild_id" in request.params else 0


def _same(api: Api, place: int, body: Command) -> Command | None:
    key = (kind_of(body), body.get("name"))
    return next((one for one in api.commands.get(place, []) if (kind_of(one), one["name"]) == key), None)


def _found(api: Api, request: Request) -> Command:
    wanted = str(request.id("command_id"))
    found = next((one for one in api.commands.get(_place(api, request), []) if one["id"] == wanted), None)
    if found is None:
        raise Refused(10063)
    return found


def _made(api: Api, request: Request, body: Command, old: Command | None) -> Command:
    """What Discord keeps of a command: the id stays with the name, the version changes."""
    place = _place(api, request)
    kind = kind_of(body)
    made: Command = {
        "id": old["id"] if old else str(api.world.clock.snowflake()),
        "application_id": str(api.bot.id),
        "version": str(api.world.clock.snowflake()),
        "default_member_permissions": None
        if body.get("default_member_permissions") is None
        else str(body["default_member_permissions"]),
        "type": kind,
        "name": body["name"],
        "name_localizations": body.get("name_localizations"),
        "description": body.get("description") or "",
        "description_localizations": body.get("description_localizations"),
        "nsfw": bool(body.get("nsfw")),
        "integration_types": body.get("integration_types") or [0],
        "contexts": body.get("contexts"),
    }
    if place:
        made["guild_id"] = str(place)
    return made | ({"options": body.get("options") or []} if kind == CHAT else {})


def _plain(command: Command) -> Command:
    plain = {name: value for name, value in command.items() if name not in LOCALIZATIONS}
    if "options" in plain:
        plain["options"] = [_plain(one) for one in plain["options"]]
    return plain


ROUTES: tuple[Route, ...] = tuple(
    route
    for path in (EVERYWHERE, IN_GUILD)
    for route in (
        ("GET", path, listed),
        ("PUT", path, replace),
        ("POST", path, create),
        ("GET", f"{path}/{{command_id}}", show),
        ("PATCH", f"{path}/{{command_id}}", change),
        ("DELETE", f"{path}/{{command_id}}", remove),
    )
)
