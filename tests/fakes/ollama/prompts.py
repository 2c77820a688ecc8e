"""Texts go in; tokens, what of a conversation fits the window, and made-up embeddings come out. The same in every run."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

TOKEN = re.compile(r"\s*(?:[\u2e80-\uffff\U00020000-\U0003ffff]|[^\W\u2e80-\uffff]+|[^\w\s\u2e80-\uffff])|\s+\Z")
AROUND_MESSAGE = 4
"""Tokens that a template puts around each message."""

Message = Mapping[str, Any]


def tokens_of(text: str) -> list[str]:
    """One for each Chinese character, Latin word and sign, blanks with what follows them; joined, they are the text again."""
    return TOKEN.findall(text)


def count(messages: Sequence[Message]) -> int:
    return sum(len(tokens_of(message.get("content") or "")) + AROUND_MESSAGE for message in messages)


def fitting(messages: Sequence[Message], window: int) -> tuple[Message, ...]:
    """What is left of a conversation: of one that is too long the oldest go, but never system messages or the last message."""
    for first in range(len(messages)):
        system = [message for message in messages[:first] if message["role"] == "system"]
        kept = (*system, *messages[first:])
        if count(kept) <= window or first == len(messages) - 1:
            return kept
    return ()


def hashed(text: str, length: int) -> list[float]:
    """A unit vector in which texts that share words are near one another."""
    vector = [0.0] * length
    for token in tokens_of(text.lower()):
        number = crc32(token.strip().encode())
        vector[number % length] += 1.0 if number & 1 << 20 else -1.0
    size = math.sqrt(sum(value * value for value in vector))
    return [value / size for value in vector] if size else vector
