"""A note's text goes in; what its YAML header says comes out (Jekyll, Hexo and Obsidian forms)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from knowledge.types import FrontMatter

LONGEST = 64 * 1024
"""Characters; a longer header is a page that happens to begin with a rule."""

HEADER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

DEEPEST = 20
"""Lists within lists; a header nested deeper is an accident or an attack, and overflows the parser's stack."""
MOST_ALIASES = 20
"""References to other values; a few of them on several levels would stand for millions of values."""
NOTHING = ("~", "null", "Null", "NULL")
KEY = re.compile(r"^[^\s:#-][^:\n]*:(?:\s|$)", re.MULTILINE)

# Everything is taken as the text that stands there: a title is none the less one for looking like a number or a date. The C
# loader is the same grammar, ten times as fast; wheels of PyYAML for rare platforms lack it.
Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def parse_front_matter(text: str) -> FrontMatter:
    """Read the header at the start of `text`. A broken one ends up in `problem`; nothing is raised."""
    match = HEADER.match(text[:LONGEST])
    if not match or (not KEY.search(match["yaml"]) and match["yaml"].strip()):
        return FrontMatter()  # two rules, and prose between them
    source = match["yaml"].replace("\0", "")
    try:
        _check_shape(source)
        values = yaml.load(source, Loader)  # noqa: S506 - it makes texts, lists and mappings, and nothing else
    except (yaml.YAMLError, ValueError) as error:
        return FrontMatter(end=match.end(), problem=f"front matter: {_in_one_line(error)}")
    if not isinstance(values, Mapping):
        return FrontMatter(end=match.end(), problem="front matter: not a list of `key: value` lines" if values else "")
    return FrontMatter(
        title=_scalar(values.get("title")),
        tags=_words(values.get("tags", values.get("tag"))),
        aliases=_entries(values.get("aliases", values.get("alias"))),
        date=_scalar(values.get("date")),
        end=match.end(),
    )


def _check_shape(source: str) -> None:
    """Look at the header's events, for which the parser needs no stack, before it is built.

    Raises:
        ValueError: it is nested too deep, or refers to itself too often.
    """
    depth = aliases = 0
    for event in yaml.parse(source, Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > DEEPEST or aliases > MOST_ALIASES:
            raise ValueError("too deep or too intricate to be a header")


def _in_one_line(error: Exception) -> str:
    """The problem and its place; the header's first line is line 2 of the file."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 2}: {problem}" if mark else str(problem)


def _scalar(value: object) -> str:
    return value.strip() if isinstance(value, str) and value not in NOTHING else ""


def _entries(value: object) -> tuple[str, ...]:
    """A list of scalars; a single text is split at commas."""
    parts = value if isinstance(value, list) else re.split(r"[,，、]", _scalar(value))
    return tuple(entry for part in parts if (entry := _scalar(part)))


def _words(value: object) -> tuple[str, ...]:
    """Tags: a list, or one text with commas or (Jekyll's way) blanks between them; `#` is Obsidian's habit."""
    parts = value if isinstance(value, list) else re.split(r"[,，、\s]+", _scalar(value))
    return tuple(word for part in parts if (word := _scalar(part).lstrip("#")))
