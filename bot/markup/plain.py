"""Markdown goes in; readable text without any markup comes out, for when everything else fails."""

from __future__ import annotations

from bot.markup.inline import Links
from bot.markup.parser import read
from bot.markup.styled_text import StyledLine

INDENT = "  "
DEEPEST = 6


def plain(markdown: str) -> str:
    """The words of the Markdown, list markers and quotes as signs, addresses in brackets."""
    rows: list[str] = []
    for line in read(markdown, Links(allowed=lambda _: False, citations={})):
        if line.gap and rows:
            rows.append("")
        rows.append((_lead(line) + line.text).rstrip())
    return "\n".join(rows)


def _lead(line: StyledLine) -> str:
    depth = min(line.depth, DEEPEST)
    quote = "> " if line.quote else ""
    if line.marker:
        marker = "•" if line.marker == "-" else line.marker
        return f"{quote}{INDENT * (depth - 1)}{marker} "
    return quote + INDENT * depth
