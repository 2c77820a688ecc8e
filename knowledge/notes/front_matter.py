"""YAML front matter of a note (Jekyll, Hexo and Obsidian forms)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.types import FrontMatter
from knowledge.yaml_loader import YamlProblem, parse_yaml

LONGEST = 64 * 1024
"""Characters; a longer header is a page that happens to begin with a rule."""

HEADER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

NOTHING = ("~", "null", "Null", "NULL")
KEY = re.compile(r"^[^\s:#-][^:\n]*:(?:\s|$)", re.MULTILINE)


def parse_front_matter(text: str) -> FrontMatter:
    """Read the header at the start of `text`. A broken one ends up in `problem`; nothing is raised."""
    match = HEADER.match(text[:LONGEST])
    if not match or (not KEY.search(match["yaml"]) and match["yaml"].strip()):
        return FrontMatter()  # two rules, and prose between them
    source = match["yaml"].replace("\0", "")
    try:
        values = parse_yaml(source, typed=False, first_line=2)
    except YamlProblem as error:
        return FrontMatter(end=match.end(), problem=f"front matter: {error}")
    if not isinstance(values, Mapping):
        return FrontMatter(end=match.end(), problem="front matter: not a list of `key: value` lines" if values else "")
    return FrontMatter(
        title=_scalar(values.get("title")),
        tags=_words(values.get("tags", values.get("tag"))),
        aliases=_entries(values.get("aliases", values.get("alias"))),
        date=_scalar(values.get("date")),
        end=match.end(),
    )


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
