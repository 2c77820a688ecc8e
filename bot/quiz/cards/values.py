"""What a card is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A question with an answer that stands in a note: `file[start:end] == answer`."""

    id: str
    prompt: str
    answer: str
    kind: str
    path: str
    title: str
    heading: tuple[str, ...]
    lines: tuple[int, int]
    start: int
    end: int
    passage: str
    digest: str
    tags: tuple[str, ...] = ()
    group: str = ""
