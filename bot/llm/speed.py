"""How fast a model reads on the machine that serves it, learned from the counts of its server."""

from __future__ import annotations

ASSUMED = 250.0
"""Tokens a second before anything is known: a model of half a billion parameters on two cores."""
LEARNED = 0.5
"""What the latest count weighs."""
SHORTEST_S = 0.05
"""What took less was hardly read, but remembered."""
RESERVED = 0.4
"""The part of the time that is left for everything but reading."""
LEAST = 250
"""Tokens that are read however slow it is: one passage and the question."""


class ReadingSpeed:
    """Tokens a second, of one model on one server."""

    def __init__(self) -> None:
        self.tokens_a_second = ASSUMED

    def budget(self, seconds: float) -> int:
        """The tokens that may be read so that the first word comes within `seconds`; 0 for no limit."""
        return max(LEAST, int(self.tokens_a_second * seconds * (1 - RESERVED))) if seconds else 0

    def learn(self, fresh_tokens: float, seconds: float) -> None:
        """Take up that `fresh_tokens`, those that the server had not read before, took it so long."""
        if seconds < SHORTEST_S or fresh_tokens <= 0:
            return
        self.tokens_a_second += LEARNED * (fresh_tokens / seconds - self.tokens_a_second)
