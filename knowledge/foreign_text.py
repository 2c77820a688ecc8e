"""What others wrote, read within bounds whatever it is: YAML, JSON, Unicode forms, character entities.

Settings, prompts, aliases and the headers of notes come through the one loader of YAML here. It makes texts, numbers, lists and
mappings, and refuses what overflows a parser's stack or stands for far more than is written.
"""

from __future__ import annotations

import gc
import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unicodedata import normalize

import yaml

LONGEST = 512 * 1024
"""Characters."""
DEEPEST = 20
"""Lists within lists; what is nested deeper is an accident or an attack."""
MOST_REPEATED = 1000
"""Values that references (`*name`) stand for, one within another: a few on several levels would stand for millions."""
LONGEST_REASON = 300

# The C loaders are the same grammar, ten times as fast; wheels of PyYAML for rare platforms lack them.
TYPED = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXTS = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Takes every value as the text that stands there: a title is none the less one for looking like a number or a date."""

WHOLE = 2000
"""Characters normalised at once: the time of `unicodedata.normalize` grows with the square of a run of combining marks."""
SLICE = re.compile(rf".{{1,{WHOLE}}}(?=[\x00-\u02ff\u4e00-\u9fff]|\Z)|.{{1,{WHOLE}}}", re.DOTALL)
"""Ends before a character that joins nothing before it; a run of marks without one, which spells nothing, is cut anywhere."""
UNREAL_ENTITY = re.compile(r"&#(?=\d{8}|[xX][0-9a-fA-F]{7})")
"""Of no character there is; Python refuses to read so long a number."""


class YamlProblem(ValueError):
    """The text cannot be taken; the message says why in one line."""


class JsonProblem(ValueError):
    """The same."""


def parse_yaml(text: str, *, typed: bool = True, first_line: int = 1) -> Any:
    """The value of `text`, whose first line is number `first_line` of its file.

    Raises:
        YamlProblem: it is no YAML, or too long, too deep or too intricate.
    """
    loader = TYPED if typed else TEXTS
    try:
        _check_shape(text, loader)
        return yaml.load(text, loader)  # noqa: S506 - both make plain values only
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # ValueError: a date that there is not, or a huge number
        raise YamlProblem(_in_one_line(error, first_line)) from error


def parse_json(text: str | bytes) -> Any:
    """The value of `text`.

    Raises:
        JsonProblem: it is no JSON, or lists within lists without an end.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise JsonProblem("nested too deeply") from error
    except ValueError as error:
        raise JsonProblem(str(error)) from error


def _check_shape(text: str, loader: Any) -> None:
    """Look at the events, for which the parser needs no stack, before anything is built."""
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST:,} characters")
    total = repeated = 0
    sizes: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, loader):
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            sizes[anchor or ""] = total - before
        elif isinstance(event, yaml.AliasEvent):
            size = sizes.get(event.anchor or "", 1)
            total, repeated = total + size, repeated + size
        elif isinstance(event, yaml.NodeEvent):
            total += 1
            is_open = isinstance(event, yaml.CollectionStartEvent)
            sizes[event.anchor or ""] = MOST_REPEATED if is_open else 1  # a value that refers to itself has no size
            if is_open:
                opened.append((event.anchor, total - 1))
        if len(opened) > DEEPEST or repeated >= MOST_REPEATED:
            raise ValueError("too deep or too intricate")


def _in_one_line(error: Exception, first_line: int) -> str:
    mark, parts = getattr(error, "problem_mark", None), (getattr(error, "context", None), getattr(error, "problem", None))
    reason = " ".join(" ".join(filter(None, parts) if mark else [str(error)]).split())[:LONGEST_REASON]
    return f"line {mark.line + first_line}: {reason}" if mark else reason


def normalized(form: Literal["NFC", "NFKC"], text: str) -> str:
    """`text` in a Unicode normal form."""
    if text.isascii():
        return text
    return "".join(normalize(form, piece) for piece in SLICE.findall(text)) if len(text) > WHOLE else normalize(form, text)


@contextmanager
def collector_paused() -> Iterator[None]:
    """While a text is parsed, nothing that is made becomes garbage: to look for some takes a third of the time, for nothing."""
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()


def unescaped(text: str) -> str:
    """`text` with its character entities read (`&lt;` is `<`)."""
    return html.unescape(UNREAL_ENTITY.sub("&amp;#", text)) if "&" in text else text
