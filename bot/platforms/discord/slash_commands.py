"""Slash commands, registered in three languages only when Discord holds others, and their autocomplete."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import discord
from discord.http import Route

import prompts
from bot.commands import BY_NAME, COMMANDS, LANGUAGES, STYLES, Command
from bot.platforms.discord.parser import MENU_ASK, MENU_SOURCES
from bot.settings import Problem
from knowledge.notes import VaultProblem

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


log = logging.getLogger(__name__)

FRESH_S = 60.0
"""After this the notes are read again, behind the answer that is given from what is known."""
FIRST_S = 1.5
"""How long the first answer waits for the notes."""
MOST_CHOICES = 25
NAME = 100
"""Discord's limits (https://discord.com/developers/docs/interactions/application-commands#autocomplete)."""

Read = Callable[[], Awaitable[Iterable[str]]]


class Completion:
    """Names from the notes."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._names: tuple[tuple[str, str], ...] = ()
        self._read_at = -FRESH_S
        self._reading: asyncio.Task[None] | None = None

    async def choices(self, typed: str) -> tuple[str, ...]:
        """At most 25 names that hold what was typed, those that begin with it first."""
        if time.monotonic() - self._read_at >= FRESH_S and self._reading is None:
            self._reading = asyncio.create_task(self._renew())
        if not self._names and self._reading:
            await asyncio.wait({self._reading}, timeout=FIRST_S)
        return chosen(self._names, typed)

    def close(self) -> None:
        if self._reading:
            self._reading.cancel()

    async def _renew(self) -> None:
        try:
            names = await self._read()
            self._names = await asyncio.to_thread(_folded, names)
            self._read_at = time.monotonic()
        except (Problem, VaultProblem, OSError) as error:
            log.warning("the notes' names could not be read: %s", error)
        finally:
            self._reading = None


def chosen(names: Iterable[tuple[str, str]], typed: str) -> tuple[str, ...]:
    """Folded names with their spelling go in, in the order of the notes."""
    wanted = typed.strip().casefold()
    begin: list[str] = []
    hold: list[str] = []
    for folded, name in names:
        if folded.startswith(wanted):
            begin.append(name)
            if len(begin) == MOST_CHOICES:
                break
        elif wanted in folded and len(hold) < MOST_CHOICES:
            hold.append(name)
    return tuple((begin + hold)[:MOST_CHOICES])


def _folded(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    shown = dict.fromkeys(cut for name in names if (cut := " ".join(name.split())[:NAME].strip()))
    return tuple((name.casefold(), name) for name in shown)
