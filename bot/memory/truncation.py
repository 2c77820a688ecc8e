"""Text and a number of tokens go in; as much of the text as they hold comes out."""

from __future__ import annotations

from collections.abc import Callable

from bot.llm import estimate_tokens

__all__ = ["Estimate", "clip", "estimate_tokens"]
Estimate = Callable[[str], int]


def clip(text: str, tokens: int, estimate: Estimate = estimate_tokens) -> str:
    """The longest beginning of `text` that takes no more than `tokens`, with an ellipsis where it was cut; empty if none does."""
    if estimate(text) <= tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if estimate(text[:middle] + "…") <= tokens else (low, middle - 1)
    return text[:low].rstrip() + "…" if low else ""
