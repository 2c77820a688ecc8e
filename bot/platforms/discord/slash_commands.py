"""The commands as Discord registers them, in three languages, sent only when it holds others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord.http import Route

import prompts
from bot.commands import BY_NAME, COMMANDS, LANGUAGES, STYLES, Command
from bot.platforms.discord.parser import MENU_ASK, MENU_SOURCES

CHAT_INPUT, MESSAGE_MENU, TEXT = 1, 3, 3
EVERYWHERE: Mapping[str, Any] = {"integration_types": [0, 1], "contexts": [0, 1, 2]}
"""For servers and for people who install the app for themselves; on servers, with the bot, and between people."""
REQUIRED = ("ask", "search")
COMPLETED = ("source", "quiz")
CHOICES: Mapping[str, Sequence[str]] = {
    "style": [name for name in STYLES if name.isascii()],
    "everything": ["on", "off"],
    "lang": [name for name in LANGUAGES if name in ("zh", "en", "auto")],
}


def commands() -> list[dict[str, Any]]:
    """What is registered. Names are the same in every language: help texts and other people call them so."""
    return [*(_slash(command) for command in COMMANDS), *_menus()]


async def register(client: discord.Client) -> bool:
    """Replace what Discord holds if it is something else; return whether that was so."""
    wanted = commands()
    path, app = "/applications/{application_id}/commands", client.application_id
    route = Route("GET", path, application_id=app)
    held = await client.http.request(route, params={"with_localizations": "true"})
    if is_same(wanted, sorted(held, key=_order(wanted))):
        return False
    await client.http.request(Route("PUT", path, application_id=app), json=wanted)
    return True


def is_same(wanted: Any, held: Any) -> bool:
    """Discord adds fields of its own, and leaves out what is empty."""
    if isinstance(wanted, Mapping):
        return isinstance(held, Mapping) and all(is_same(value, held.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        return len(wanted) == len(held or []) and all(map(is_same, wanted, held or []))
    return bool(wanted == held or (not wanted and not held))


def _order(wanted: Sequence[Mapping[str, Any]]) -> Any:
    places = {(one["type"], one["name"]): place for place, one in enumerate(wanted)}
    return lambda one: places.get((one.get("type", CHAT_INPUT), one["name"]), len(places))


def _slash(command: Command) -> dict[str, Any]:
    return {
        "type": CHAT_INPUT,
        "name": command.name,
        "description": command.describe("en"),
        "description_localizations": {
            "zh-CN": command.describe("zh"),
            "zh-TW": prompts.load("discord").say(f"tw_{command.name}", "zh"),
        },
        "options": [_option(command)] if command.words else [],
        **EVERYWHERE,
    }


def _option(command: Command) -> dict[str, Any]:
    choices = [{"name": name, "value": name} for name in CHOICES.get(command.name, ())]
    return {
        "type": TEXT,
        "name": command.words,
        "description": _say("words", "en"),
        "description_localizations": {"zh-CN": _say("words", "zh"), "zh-TW": _say("tw_words", "zh")},
        "required": command.name in REQUIRED,
        **({"autocomplete": True} if command.name in COMPLETED else {}),
        **({"choices": choices} if choices else {}),
    }


def _menus() -> list[dict[str, Any]]:
    names = {
        MENU_ASK: (_say("menu_ask", "zh"), _say("tw_menu_ask", "zh")),
        MENU_SOURCES: (_say("menu_sources", "zh"), _say("tw_menu_sources", "zh")),
    }
    return [
        {"type": MESSAGE_MENU, "name": name, "name_localizations": {"zh-CN": simple, "zh-TW": traditional}, **EVERYWHERE}
        for name, (simple, traditional) in names.items()
    ]


def _say(name: str, language: str) -> str:
    return prompts.load("discord").say(name, language)


def is_private(interaction: discord.Interaction[Any]) -> bool:
    """What the response shows is for the person alone; that has to be said before anything is looked at."""
    data: Mapping[str, Any] = interaction.data or {}
    if data.get("type") == MESSAGE_MENU:
        return data.get("name") == MENU_SOURCES
    command = BY_NAME.get(str(data.get("name", "")))
    return bool(command and command.private)
