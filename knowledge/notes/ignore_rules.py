"""Patterns as in `.gitignore` (git's documentation, gitignore(5)), matched in time that grows with the path.

What stands between two stars is looked for where it first fits, and stays there: another place would leave less for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_PATTERNS = 2000
LONGEST = 500
"""Characters of a pattern."""
CLASS = re.compile(r"\[(?P<not>[!^])?(?P<members>\]?(?:\\.|\[:[a-z]+:\]|[^\]\\])*+)\]")
POSIX = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": " \\t", "digit": "0-9", "lower": "a-z", "space": "\\s",
    "upper": "A-Z", "word": "\\w", "xdigit": "0-9a-fA-F", "punct": "!-/:-@\\[-`{-~",
}  # fmt: skip


class IgnoreProblem(ValueError):
    """A pattern cannot be used; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    path: re.Pattern[str]
    ignores: bool
    folders_only: bool


class IgnoreRules:
    """Of several patterns that fit, the last one decides. What lies in an ignored folder is not asked for."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Raises:
        IgnoreProblem: there are too many, or one is too long or no pattern.
        """
        found = [rule for line in lines if (rule := _rule(line))]
        if len(found) > MOST_PATTERNS:
            raise IgnoreProblem(f"more than {MOST_PATTERNS:,} patterns")
        self._rules = tuple(reversed(found))

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """`path` with forward slashes, relative to where the patterns stand."""
        fitting = (rule for rule in self._rules if (is_folder or not rule.folders_only) and rule.path.fullmatch(path))
        return next((rule.ignores for rule in fitting), False)


def _rule(line: str) -> _Rule | None:
    pattern = re.sub(r"(?<!\\)[ \t\r\n]++\Z", "", line)
    if not pattern or pattern.startswith("#"):
        return None
    if len(pattern) > LONGEST:
        raise IgnoreProblem(f"{pattern[:60]}…: longer than {LONGEST} characters")
    words = pattern.removeprefix("!")
    if not words.strip("/"):
        raise IgnoreProblem(f"{pattern}: names nothing")
    segments = words.removesuffix("/").split("/")
    if len(segments) == 1:
        segments = ["**", *segments]
    path = re.compile(_of_path([segment for at, segment in enumerate(segments) if segment or at]), re.DOTALL)
    return _Rule(path=path, ignores=pattern == words, folders_only=words.endswith("/"))


def _of_path(segments: list[str]) -> str:
    """Runs of segments between `**`: each but the last where it first fits."""
    runs: list[list[str]] = [[]]
    for segment in segments:
        if not segment:
            return r"(?!)"  # between two slashes there is nothing
        if len(segment) > 1 and set(segment) == {"*"}:
            runs.append([])
        else:
            runs[-1].append(_of_segment(segment))
    first, *others = ["/".join(run) for run in runs]
    if not others:
        return first
    *middle, last = others
    found = f"{first}/" if first else ""
    found += "".join(rf"(?>(?:[^/]++/)*?{run}/)" for run in middle if run)
    return found + (rf"(?:[^/]++/)*{last}" if last else ".+")


def _of_segment(segment: str) -> str:
    first, *others = [_of_chunk(chunk) for chunk in _chunks(segment)]
    if not others:
        return first
    *middle, last = others
    return first + "".join(rf"(?>[^/]*?{chunk})" for chunk in middle if chunk) + rf"[^/]*{last}(?=/|\Z)"


def _chunks(segment: str) -> list[str]:
    """What stands between the stars."""
    found, at = [""], 0
    while at < len(segment):
        token = CLASS.match(segment, at)
        length = len(token[0]) if token else 2 if segment[at] == "\\" else 1
        if segment[at] == "*":
            found.append("")
        else:
            found[-1] += segment[at : at + length]
        at += length
    return found


def _of_chunk(chunk: str) -> str:
    parts, at = [], 0
    while at < len(chunk):
        token = CLASS.match(chunk, at)
        if token:
            parts.append(_of_class(token))
            at += len(token[0])
        elif chunk[at] == "\\":
            parts.append(re.escape(chunk[at + 1 : at + 2]) or r"(?!)")  # a backslash at the end fits nothing
            at += 2
        else:
            parts.append("[^/]" if chunk[at] == "?" else re.escape(chunk[at]))
            at += 1
    return "".join(parts)


def _of_class(token: re.Match[str]) -> str:
    members = re.sub(r"\[:([a-z]+):\]|\\(.)|([\[\]\\&~|^])", _member, token["members"])
    members = re.sub(r"([^\\])-([^\\])", lambda span: span[0] if span[1] <= span[2] else "", members)
    if not members:
        return r"(?!)" if not token["not"] else "[^/]"
    return rf"(?!/)[{'^' if token['not'] else ''}{members}]"


def _member(found: re.Match[str]) -> str:
    if found[1]:
        return POSIX.get(found[1], "")
    return re.escape(found[2]) if found[2] else "\\" + found[3]
