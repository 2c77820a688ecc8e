"""Base of every settings section, its field types (URLs, folders, durations), and problems that end a command."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

DURATION = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+", re.ASCII)
"""As Go reads durations, which Ollama is written in (https://pkg.go.dev/time#ParseDuration)."""


def _url(text: str) -> str:
    """An address with a host and a port that there can be; empty is left empty."""
    try:
        address = urlsplit(text)
        good = not text or (address.scheme in ("http", "https") and bool(address.hostname) and (address.port or 1) > 0)
    except ValueError:  # brackets that are not closed, or a port that is no number below 65536
        good = False
    if not good or re.search(r"\s", text):
        raise PydanticCustomError("url", "Input should be an address such as http://127.0.0.1:11434")
    return text.rstrip("/")


def _duration(value: object) -> object:
    """A number of seconds as a number, also when the environment gives it as a text."""
    text = str(value).strip()
    if re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII):
        return int(text)
    if DURATION.fullmatch(text):
        return text
    raise PydanticCustomError("duration", "Input should be a duration such as 30m, or whole seconds (-1: for ever)")


def _folder(text: str) -> str:
    """A folder below another one: nothing that leads out of it, and nothing hidden, which would never be read."""
    path = PurePosixPath(text.strip())
    if "\\" in text or path.is_absolute() or any(part.startswith(".") for part in path.parts):
        raise PydanticCustomError("folder", "Input should be a folder inside the notes such as inbox")
    return "" if path == PurePosixPath() else str(path)


def _timezone(name: str) -> str:
    """A name that this machine knows, whatever its case; empty is left empty."""
    if name and name.casefold() not in {known.casefold() for known in available_timezones()}:
        raise PydanticCustomError("timezone", "Input should be a time zone such as Asia/Shanghai")
    return name


Url = Annotated[str, AfterValidator(_url)]
Folder = Annotated[str, AfterValidator(_folder)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Duration = Annotated[int | str, BeforeValidator(_duration)]


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
