"""Plain text: Markdown without markup, code fences, and which addresses platforms turn into links."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from bot.markup.inline import Links
from bot.markup.parser import read
from bot.markup.styled_text import StyledLine


def parts_of(url: str) -> SplitResult | None:
    """None for what is no address: a broken host or port."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts


def is_on_the_web(parts: SplitResult) -> bool:
    """True for http and https with a host that can be real, and nobody's name before it."""
    return parts.scheme in ("http", "https") and is_host(parts.hostname or "") and "@" not in parts.netloc


def is_host(host: str) -> bool:
    """True for an IPv4 address and for names with a dot whose pieces are letters, digits and hyphens."""
    pieces = host.removesuffix(".").split(".")
    if len(pieces) == 4 and all(piece.isascii() and piece.isdigit() and int(piece) < 256 for piece in pieces):
        return True
    sound = all(len(piece) <= 63 and piece.replace("-", "").isalnum() and piece.strip("-") == piece for piece in pieces)
    return sound and len(pieces) > 1 and len(pieces[-1]) > 1 and not pieces[-1].isdigit()


def fenced(text: str) -> str:
    """The text in a code fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


INDENT = "  "
DEEPEST = 6
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal obeys (escape sequences begin with one of these), what turns the order of words, and halves of characters."""


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


def printable(text: object) -> str:
    """The words as they may be written to a terminal, a pipe or a log: each sign that is obeyed there as `�`."""
    return UNPRINTABLE.sub("\ufffd", str(text).replace("\r\n", "\n"))
