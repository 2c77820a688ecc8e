"""A note's text goes in; what its YAML header says comes out (Jekyll, Hexo and Obsidian forms)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import yaml

from knowledge.types import FrontMatter

LONGEST = 64 * 1024
"""Characters; a longer header is a page that happens to begin with a rule."""

HEADER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

# The C loader is the same grammar, ten times as fast; wheels of PyYAML for rare platforms lack it.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_front_matter(text: str) -> FrontMatter:
    """Read the header at the start of `text`. A broken one ends up in `problem`; nothing is raised."""
    match = HEADER.match(text[:LONGEST])
    if not match:
        return FrontMatter()
    try:
        values = yaml.load(match["yaml"].replace("\0", ""), Loader)  # noqa: S506 - a safe loader, see above
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return FrontMatter(end=match.end(), problem=f"front matter: {_in_one_line(error)}")
    if values is None:
        return FrontMatter(end=match.end())
    if not isinstance(values, Mapping):
        return FrontMatter(end=match.end(), problem="front matter: not a list of `key: value` lines")
    return FrontMatter(
        title=_scalar(values.get("title")),
        tags=_words(values.get("tags", values.get("tag"))),
        aliases=_entries(values.get("aliases", values.get("alias"))),
        date=_scalar(values.get("date")),
        end=match.end(),
    )


def _in_one_line(error: Exception) -> str:
    """The problem and its place; the header's first line is line 2 of the file."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 2}: {problem}" if mark else str(problem)


def _scalar(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _entries(value: object) -> tuple[str, ...]:
    """A list of scalars; a single text is split at commas."""
    parts = value if isinstance(value, list) else re.split(r"[,，、]", _scalar(value))
    return tuple(entry for part in parts if (entry := _scalar(part)))


def _words(value: object) -> tuple[str, ...]:
    """Tags: a list, or one text with commas or (Jekyll's way) blanks between them; `#` is Obsidian's habit."""
    parts = value if isinstance(value, list) else re.split(r"[,，、\s]+", _scalar(value))
    return tuple(word for part in parts if (word := _scalar(part).lstrip("#")))
