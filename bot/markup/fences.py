"""A text goes in; it comes out as a block of code, where no platform changes a character."""

from __future__ import annotations

import re


def fenced(text: str) -> str:
    """The text in a code fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
