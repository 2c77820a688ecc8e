"""Token estimates per script, corrected by what the server counts; truncation to a number of tokens."""

from __future__ import annotations

from collections.abc import Callable

SLACK = 4
"""Tokens that a message costs besides its words."""
LEAST, MOST = 0.6, 1.6
"""Bounds of the correction."""
FORGETTING = 0.2
"""How much one more count moves the correction down; upwards it moves at once, so that a prompt never outgrows the window."""


def estimate_tokens(text: str) -> int:
    """Tokens of `text`, rather too many: one for each Chinese character, one for every three other characters.

    Chinese characters are counted by the bytes of UTF-8 that they take (three each), which is far quicker than looking at each.
    """
    size = len(text)
    chinese = min(size, (len(text.encode("utf-8", "replace")) - size) // 2)
    return chinese + (size - chinese + 2) // 3 + SLACK


class TokenEstimator:
    """What one estimated token is worth in a model's own tokens."""

    def __init__(self) -> None:
        self.factor = 1.0

    def __call__(self, text: str) -> int:
        """Tokens of `text`, as far as is known."""
        return round(estimate_tokens(text) * self.factor) + 1

    def learn(self, estimated: int, counted: int) -> None:
        """Take up what the server counted (`prompt_eval_count`) for a prompt that `estimate_tokens` took for `estimated`.

        Servers report 0, or only what was not cached: a count far below the estimate tells nothing.
        """
        if estimated <= 0 or counted < LEAST * estimated:
            return
        seen = min(MOST, counted / estimated)
        self.factor = max(seen, self.factor + FORGETTING * (seen - self.factor))


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
