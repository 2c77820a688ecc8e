"""What every section of the settings is made of, and the problems that end a command."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Problem(Exception):
    """Something that ends a command; the message is one line for the person at the terminal, with the remedy."""


class SettingsProblem(Problem):
    """A setting or an option is wrong; the message names it."""


class PlatformProblem(Problem):
    """A chat platform refuses the bot, or cannot be reached at the start; the message says which and why."""


class SettingsSection(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_ids(given: Any) -> tuple[str, ...]:
    """Ids as text, which is how they are compared; `12`, `[12, 34]` and `"12, 34"` are all fine."""
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, (list, tuple)) else [given]
    return tuple(_as_id(one) for one in listed if one is not None and str(one).strip())


def _as_id(one: Any) -> str:
    text = str(one).strip()
    if isinstance(one, (bool, float)) or not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError(f"{one!r} is no id, an id is a number such as 123456789 (the bot tells strangers theirs)")
    return str(int(text))


Ids = Annotated[tuple[str, ...], BeforeValidator(_as_ids)]
"""Ids of people, chats, servers, channels or roles."""
