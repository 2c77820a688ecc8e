"""Kinds of values that settings have: addresses, folders and durations."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
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


Url = Annotated[str, AfterValidator(_url)]
Folder = Annotated[str, AfterValidator(_folder)]
Duration = Annotated[int | str, BeforeValidator(_duration)]
