"""Text goes in; about how many tokens it takes comes out, and text that fits."""

from __future__ import annotations

import re
from collections.abc import Callable

WIDE = re.compile("[\u2e80-\U0010ffff]+")
Estimate = Callable[[str], int]


def estimate_tokens(text: str) -> int:
    """Chinese characters take one each, other text one for every three characters: rather too much than too little."""
    others = len(WIDE.sub("", text))
    return len(text) - others + (others + 2) // 3 + 4


def clip(text: str, tokens: int, estimate: Estimate = estimate_tokens) -> str:
    """The longest beginning of `text` that takes no more than `tokens`, with an ellipsis where it was cut; empty if none does."""
    if estimate(text) <= tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if estimate(text[:middle] + "…") <= tokens else (low, middle - 1)
    return text[:low].rstrip() + "…" if low else ""
