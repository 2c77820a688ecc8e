"""Tokens: from the environment or a file that the settings name, never from the settings file itself, never in a log."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.settings.platforms import PlatformSettings
from bot.settings.section import SettingsProblem

TELEGRAM = r"(?<!\d)\d{5,}+(?::|%3A)[A-Za-z0-9_-]{30,}"
"""The bot's id, a colon, 35 characters (https://core.telegram.org/bots/api#authorizing-your-bot)."""
DISCORD = r"[A-Za-z0-9_-]{18,40}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}"
"""The bot's id in Base64, a time, a signature (https://discord.com/developers/docs/reference#authentication)."""
INTERACTION = r"(?<=/)[A-Za-z0-9_-]{100,}"
"""The token of a Discord interaction stands in the path of requests and is good for 15 minutes."""
SECRET = re.compile(f"{TELEGRAM}|{DISCORD}|{INTERACTION}")
HIDDEN = "[token]"
SHAPES = {"telegram": re.compile(TELEGRAM), "discord": re.compile(DISCORD)}


def scrub(text: str) -> str:
    """The text without anything that has the shape of a token."""
    return SECRET.sub(HIDDEN, text)


def refuse_written_tokens(file: Path, values: Mapping[str, Any]) -> None:
    """Settings files are shown to others and kept in repositories: a token in one ends the start.

    Raises:
        SettingsProblem: one stands there; the line does not repeat it.
    """
    for name, section in values.items():
        if isinstance(section, dict) and section.get("token") is not None:
            raise SettingsProblem(_not_here(file, f"{name}.token", name))
    for key, text in _texts(values, ""):
        name = next((name for name, shape in SHAPES.items() if shape.fullmatch(text.strip())), "")
        if name:
            raise SettingsProblem(_not_here(file, key, name))


def token_of(section: PlatformSettings) -> str:
    """The token of a platform; empty when none is set.

    Raises:
        SettingsProblem: the file cannot be read, or there is something else than a token.
    """
    name = section.platform
    if section.token and section.token.get_secret_value().strip():
        return _checked(section.token.get_secret_value().strip(), name, f"NOTESBOT_{name.upper()}__TOKEN")
    if section.token_file:
        return _checked(_read(section.token_file.expanduser(), name), name, f"{name}.token_file: {section.token_file}")
    return ""


def is_open_to_others(file: Path) -> bool:
    """True when other accounts of the machine may read the file (not known on Windows)."""
    return sys.platform != "win32" and bool(file.expanduser().stat().st_mode & 0o077)


def _read(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsProblem(f"{name}.token_file: {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsProblem(f"{name}.token_file: {file}: not a text file") from error


def _checked(token: str, name: str, where: str) -> str:
    """What comes from another shop's bot, or a file with more than the token in it, is better said here than by the server."""
    if not token.isascii() or not token.isprintable() or any(letter.isspace() for letter in token):
        raise SettingsProblem(f"{where}: not a token (one line, nothing else)")
    if name == "telegram" and not SHAPES[name].fullmatch(token):
        raise SettingsProblem(f"{where}: not a Telegram token (digits, a colon, 35 characters; @BotFather gives it)")
    return token


def _texts(value: Any, key: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [text for name, inner in value.items() for text in _texts(inner, f"{key}.{name}".lstrip("."))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner, key)]
    return [(key, value)] if isinstance(value, str) else []


def _not_here(file: Path, key: str, name: str) -> str:
    return (
        f"{file}: {key}: a token is not written here; put it into the environment as NOTESBOT_{name.upper()}__TOKEN, "
        f"or into a file of its own and name that as {name}.token_file (and have this one replaced if others saw it)"
    )
