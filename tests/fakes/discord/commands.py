"""Application commands go in; their faults come out (discord-api-docs, "Application Commands")."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.discord.refusals import Faults, Path, Refused

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, NUMBER = 1, 2, 3, 4, 5, 10
MOST = {CHAT: 100, USER: 5, MESSAGE: 5}
"""How many commands of each type an application may have; Discord raised 5 to 15 of late, discord.py still keeps to 5."""
LOCALES = (
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko"
).split()
MOST_CHARACTERS = 8000
COMMAND_FIELDS = (
    "id application_id guild_id version type name name_localizations description description_localizations options "
    "default_member_permissions dm_permission default_permission nsfw integration_types contexts handler"
).split()
OPTION_FIELDS = (
    "type name name_localizations description description_localizations required choices options channel_types "
    "min_value max_value min_length max_length autocomplete"
).split()
Body = Mapping[str, Any]


def check_commands(bodies: Sequence[Body], *, guild: bool, single: bool = False) -> None:
    """Refuse a set of commands that Discord would refuse; a single one has no number in the errors."""
    faults = Faults()
    for number, body in enumerate(bodies):
        _check_command(body, () if single else (number,), faults, guild=guild)
    _check_set(bodies, faults)
    faults.refuse()
    for kind, most in MOST.items():
        if sum(kind_of(body) == kind for body in bodies) > most:
            raise Refused(30032, f"Maximum number of application commands reached ({most}).")


def kind_of(body: Body) -> int:
    return int(body.get("type") or CHAT)


def _check_set(bodies: Sequence[Body], faults: Faults) -> None:
    seen: set[tuple[int, object]] = set()
    for number, body in enumerate(bodies):
        key = (kind_of(body), body.get("name"))
        if key in seen:
            message = "Application command names must be unique"
            faults.add((number, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)


def _check_command(body: Body, path: Path, faults: Faults, *, guild: bool) -> None:
    faults.unknown(body, COMMAND_FIELDS, path)
    kind = kind_of(body)
    if kind not in MOST:
        faults.choice((*path, "type"), tuple(MOST))
    _check_named(body, path, faults, chat=kind == CHAT)
    _check_places(body, path, faults, guild=guild)
    if kind != CHAT:
        if body.get("options"):
            message = "Context menu commands cannot have options"
            faults.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED", message)
        return
    _check_options(body.get("options"), (*path, "options"), faults, depth=0)
    if characters(body) > MOST_CHARACTERS:
        message = f"Command exceeds maximum size ({MOST_CHARACTERS})"
        faults.add(path or ("name",), "APPLICATION_COMMAND_TOO_LARGE", message)


def _check_places(body: Body, path: Path, faults: Faults, *, guild: bool) -> None:
    for name, known in (("integration_types", (0, 1)), ("contexts", (0, 1, 2))):
        values = body.get(name)
        for number, value in enumerate(faults.items(values, (*path, name), most=3)):
            if value not in known:
                faults.choice((*path, name, number), known)
        if name == "contexts" and guild and values:
            message = "Contexts cannot be set on guild commands"
            faults.add((*path, name), "APPLICATION_COMMAND_GUILD_CONTEXTS_NOT_ALLOWED", message)


def _check_named(body: Body, path: Path, faults: Faults, *, chat: bool) -> None:
    """Name, description and what they are called in other languages."""
    _check_name(body.get("name"), (*path, "name"), faults, chat=chat)
    if chat:
        faults.text(body.get("description"), (*path, "description"), least=1, most=100)
    elif body.get("description"):
        message = "Context menu commands cannot have description"
        faults.add((*path, "description"), "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", message)
    for locale, text in (body.get("name_localizations") or {}).items():
        _check_locale(locale, (*path, "name_localizations"), faults)
        _check_name(text, (*path, "name_localizations", locale), faults, chat=chat)
    for locale, text in (body.get("description_localizations") or {}).items():
        _check_locale(locale, (*path, "description_localizations"), faults)
        faults.text(text, (*path, "description_localizations", locale), least=1, most=100)


def _check_locale(locale: str, path: Path, faults: Faults) -> None:
    if locale not in LOCALES:
        faults.choice((*path, locale), LOCALES)


def _check_name(value: object, path: Path, faults: Faults, *, chat: bool) -> None:
    name = faults.text(value, path, least=1, most=32)
    if name and chat and not (name == name.lower() and all(map(_fits, name))):
        faults.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _fits(sign: str) -> bool:
    """Whether a sign matches `[-_'\\p{L}\\p{N}\\p{sc=Deva}\\p{sc=Thai}]`."""
    in_script = "\u0900" <= sign <= "\u097f" or "\u0e00" <= sign <= "\u0e7f"
    return sign in "-_'" or unicodedata.category(sign)[0] in "LN" or in_script


def _check_options(value: object, path: Path, faults: Faults, *, depth: int) -> None:
    options = faults.items(value, path, most=25)
    kinds = {one.get("type") for one in options}
    if kinds & {SUBCOMMAND, GROUP} and kinds - {SUBCOMMAND, GROUP}:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        faults.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    names: set[object] = set()
    optional = False
    for number, one in enumerate(options):
        here: Path = (*path, number)
        if one.get("name") in names:
            faults.add((*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name is already used")
        names.add(one.get("name"))
        if one.get("required") and optional:
            message = "Required options must be placed before non-required options"
            faults.add((*here, "required"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = optional or not one.get("required")
        _check_option(one, here, faults, depth=depth)


def _check_option(body: Body, path: Path, faults: Faults, *, depth: int) -> None:
    faults.unknown(body, OPTION_FIELDS, path)
    kind = body.get("type")
    if kind not in range(1, 12) or (kind == GROUP and depth > 0) or (kind == SUBCOMMAND and depth > 1):
        faults.choice((*path, "type"), tuple(range(1, 12)))
        return
    _check_named(body, path, faults, chat=True)
    if kind in (SUBCOMMAND, GROUP):
        _check_options(body.get("options"), (*path, "options"), faults, depth=depth + (1 if kind == GROUP else 2))
        return
    choices = faults.items(body.get("choices"), (*path, "choices"), most=25)
    if body.get("autocomplete") and (choices or kind not in (STRING, INTEGER, NUMBER)):
        message = "Autocomplete is for string, integer and number options without choices"
        faults.add((*path, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", message)
    check_choices(choices, (*path, "choices"), faults, kind=kind)
    faults.number(body.get("min_length"), (*path, "min_length"), least=0, most=6000)
    faults.number(body.get("max_length"), (*path, "max_length"), least=1, most=6000)


def check_choices(choices: Sequence[Any], path: Path, faults: Faults, *, kind: object) -> None:
    """The choices of an option, or the ones offered while somebody types."""
    names: set[str] = set()
    for number, one in enumerate(choices):
        here: Path = (*path, number)
        name = faults.text(one.get("name"), (*here, "name"), least=1, most=100)
        if name in names and kind is not None and path[0] != "choices":
            faults.add((*here, "name"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATE", "Choice name is already used")
        names.add(name)
        for locale, text in (one.get("name_localizations") or {}).items():
            _check_locale(locale, (*here, "name_localizations"), faults)
            faults.text(text, (*here, "name_localizations", locale), least=1, most=100)
        if kind == STRING:
            faults.text(one.get("value"), (*here, "value"), least=1, most=100)
        elif isinstance(one.get("value"), bool) or not isinstance(one.get("value"), int | float):
            faults.add((*here, "value"), "NUMBER_TYPE_COERCE", f'Value "{one.get("value")}" is not a number.')


def characters(body: Body) -> int:
    """Names, descriptions and values of a command and all that is in it; of each, the longest language counts."""
    own = max(len(str(body.get("name") or "")), *map(len, (body.get("name_localizations") or {"": ""}).values()))
    own += max(len(str(body.get("description") or "")), *map(len, (body.get("description_localizations") or {"": ""}).values()))
    own += len(str(body["value"])) if "value" in body else 0
    return own + sum(map(characters, [*(body.get("options") or ()), *(body.get("choices") or ())]))
