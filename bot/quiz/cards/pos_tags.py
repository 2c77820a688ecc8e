"""Text goes in; its words come out, each with its part of speech (n noun, v verb, r pronoun, x sign, eng Latin)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    tag: str
    start: int
    end: int


@lru_cache(maxsize=4_000)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of `text` in order; together they are `text`."""
    import rjieba

    found = []
    at = 0
    for word, tag in rjieba.tag(text):
        found.append(Word(word, tag, at, at + len(word)))
        at += len(word)
    return tuple(found)
