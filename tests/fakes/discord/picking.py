"""What a person picks goes in: a command, a button, a choice. What the interaction carries comes out, if it could be picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.discord.api import Api
from tests.fakes.discord.commands import GROUP, SUBCOMMAND
from tests.fakes.discord.payloads import attachment_json, channel_json, member_json, role_json, user_json
from tests.fakes.discord.permissions import May, permissions
from tests.fakes.discord.values import Attachment, Channel, Message, Role, User, every_component

Json = dict[str, Any]


class Impossible(AssertionError):
    """A test lets a person do what the app on their screen would not let them do."""


def pick_command(api: Api, user: User, place: Channel, name: str, *, kind: int) -> tuple[Json, list[str]]:
    """The registered command that a person sees here, and the way through its subcommands."""
    first, *rest = name.split() if kind == 1 else [name]
    found = [*api.commands.get(place.guild.id if place.guild else -1, []), *api.commands.get(0, [])]
    command = next((one for one in found if one["type"] == kind and one["name"] == first), None)
    if command is None:
        raise Impossible(f"there is no command {first!r}, only {[one['name'] for one in found]}")
    context = 0 if place.guild else 1
    if command["contexts"] is not None and context not in command["contexts"]:
        raise Impossible(f"the command {first!r} is not shown here")
    installed = place.guild is None or api.bot.id in place.guild.members
    if not (0 in command["integration_types"] and installed) and not (1 in command["integration_types"] and user.installed):
        raise Impossible(f"the app is installed neither here nor by {user.name} in the way {first!r} needs")
    _check_allowed(command, user, place)
    return command, rest


def _check_allowed(command: Mapping[str, Any], user: User, place: Channel) -> None:
    need = command["default_member_permissions"]
    if place.guild is None:
        return
    bits = permissions(place.guild, user.id, place)
    if not bits & May.USE_APPLICATION_COMMANDS or (
        need is not None and (int(need) & ~bits or (need == "0" and not bits & May.ADMINISTRATOR))
    ):
        raise Impossible(f"{user.name} may not use {command['name']!r} here")


def options_of(api: Api, command: Mapping[str, Any], path: Sequence[str], given: Mapping[str, Any], *, focused: str = "") -> Json:
    """The `options` and `resolved` of an interaction's data; `focused` is the option that is being typed into."""
    known, kinds = command.get("options") or [], []
    for step in path:
        one = next((one for one in known if one["name"] == step), None)
        if one is None:
            raise Impossible(f"{command['name']!r} has no subcommand {step!r}")
        kinds.append((step, one["type"]))
        known = one.get("options") or []
    if any(one["type"] in (SUBCOMMAND, GROUP) for one in known):
        raise Impossible(f"{command['name']!r} needs a subcommand")
    resolved: Json = {}
    options = _filled(api, known, given, resolved, focused)
    for step, kind in reversed(kinds):
        options = [{"name": step, "type": kind, "options": options}]
    return {"options": options} | ({"resolved": resolved} if resolved else {})


def focused_kind(options: Sequence[Mapping[str, Any]]) -> int:
    """The type of the option that is typed into; 0 when there is none."""
    kinds = [one["type"] if one.get("focused") else focused_kind(one.get("options", ())) for one in options]
    return max(kinds, default=0)


def _filled(api: Api, known: Sequence[Mapping[str, Any]], given: Mapping[str, Any], resolved: Json, focused: str) -> list[Json]:
    strange = set(given) - {one["name"] for one in known}
    if strange:
        raise Impossible(f"there is no option {strange}")
    options = []
    for one in known:
        if one["name"] not in given:
            if one.get("required") and not focused:
                raise Impossible(f"the option {one['name']!r} must be filled in")
            continue
        value = given[one["name"]]
        if one["name"] == focused:
            if not one.get("autocomplete"):
                raise Impossible(f"{focused!r} does not complete")
            options.append({"name": focused, "type": one["type"], "value": value, "focused": True})
        else:
            options.append({"name": one["name"], "type": one["type"], "value": _value(api, one, value, resolved)})
    return options


def _value(api: Api, option: Mapping[str, Any], value: Any, resolved: Json) -> Any:
    if option.get("choices") and value not in [one["value"] for one in option["choices"]]:
        raise Impossible(f"{value!r} is no choice of {option['name']!r}")
    if isinstance(value, User | Channel | Role | Attachment):
        _resolve(api, value, resolved)
        return str(value.id)
    kinds = {3: str, 4: int, 5: bool, 10: (int, float)}
    if not isinstance(value, kinds.get(option["type"], object)):  # type: ignore[arg-type]
        raise Impossible(f"{option['name']!r} does not take {value!r}")
    if isinstance(value, str) and not (option.get("min_length") or 0) <= len(value) <= (option.get("max_length") or 6000):
        raise Impossible(f"{option['name']!r} does not take a text of {len(value)} characters")
    return value


def _resolve(api: Api, value: User | Channel | Role | Attachment, resolved: Json) -> None:
    number = str(value.id)
    if isinstance(value, User):
        resolved.setdefault("users", {})[number] = user_json(value)
        guild = next((one for one in api.world.guilds.values() if value.id in one.members), None)
        if guild:
            told = member_json(guild.members[value.id], with_user=False)
            resolved.setdefault("members", {})[number] = {**told, "permissions": str(permissions(guild, value.id))}
    elif isinstance(value, Channel):
        resolved.setdefault("channels", {})[number] = {**channel_json(value), "permissions": "0"}
    elif isinstance(value, Role):
        resolved.setdefault("roles", {})[number] = role_json(value)
    else:
        resolved.setdefault("attachments", {})[number] = attachment_json(value)


def pick_button(message: Message, button: str) -> str:
    found = [one for one in message.buttons if button in (one.get("custom_id"), one.get("label"))]
    if not found or found[0].get("disabled") or not found[0].get("custom_id"):
        raise Impossible(f"there is no button {button!r} to press, only {[one.get('label') for one in message.buttons]}")
    return str(found[0]["custom_id"])


def pick_select(message: Message, select: str, values: Sequence[str]) -> tuple[Json, list[str]]:
    """The menu and the values that were chosen; of a string menu also by their labels."""
    menus = [
        one for one in every_component(message.components) if one["type"] in (3, 5, 6, 7, 8) and select in ("", one["custom_id"])
    ]
    if not menus or menus[0].get("disabled"):
        raise Impossible("there is no such menu")
    menu = menus[0]
    if not (menu.get("min_values", 1) or 0) <= len(values) <= (menu.get("max_values") or 1):
        raise Impossible(f"{len(values)} values cannot be chosen here")
    if menu["type"] != 3:
        return menu, list(values)
    by_name = {name: one["value"] for one in menu["options"] for name in (one["label"], one["value"])}
    if not set(values) <= set(by_name):
        raise Impossible(f"{values} are not among {list(by_name)}")
    return menu, [by_name[value] for value in values]


def form_values(modal: Mapping[str, Any], values: Mapping[str, str | Sequence[str]]) -> list[Json]:
    """The components of a form that was filled in."""
    strange = set(values) - {one.get("custom_id") for one in every_component(modal["components"])}
    if strange:
        raise Impossible(f"the form has no field {strange}")
    filled: list[Json] = []
    for number, one in enumerate(modal["components"], start=1):
        if one["type"] == 1:
            filled.append({"type": 1, "id": number, "components": [_field(field, values) for field in one["components"]]})
        elif one["type"] == 18:
            filled.append({"type": 18, "id": number, "component": _field(one["component"], values)})
        else:
            filled.append({"type": one["type"], "id": number})
    return filled


def _field(field: Mapping[str, Any], values: Mapping[str, str | Sequence[str]]) -> Json:
    value = values.get(field["custom_id"], field.get("value") or "")
    told: Json = {"type": field["type"], "id": 1, "custom_id": field["custom_id"]}
    if field["type"] != 4:
        return {**told, "values": list(value) if not isinstance(value, str) else [value] * bool(value)}
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    if (field.get("required", True) and not value) or not (least <= len(value) <= most or not value):
        raise Impossible(f"the field {field['custom_id']!r} does not take {value!r}")
    return {**told, "value": value}
