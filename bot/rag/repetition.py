"""Repetition detector: whether a growing answer loops, and where to cut it."""

from __future__ import annotations

import re

LONGEST_UNIT = 200
"""Characters; a loop of more is a model that is thorough."""
TIMES = 4
LEAST = 60
"""Characters that must have been repeated: tables and verses repeat short things."""
WINDOW, GRAM = 600, 10
FRESH = 0.3
"""The least share of character sequences that occur once in the window; loops that count along have less (measured on
ordinary Chinese and English prose: .85 and more, on tables of numbers .5 and more)."""
COUNTED, LETTERS = 1200, 12
"""Characters that are looked at without their numbers, and the letters that the repeated part must hold."""
DIGITS = re.compile(r"\d+")
SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s)")


def loops(text: str) -> bool:
    """True when the end of `text` says the same over and over."""
    return _unit_of_loop(text) > 0 or _counts_along(text) or _is_stale(text)


def before_loop(text: str) -> str:
    """`text` up to the last whole sentence before it began to repeat itself, the first time of what is repeated included."""
    unit = _unit_of_loop(text)
    if unit:
        repeated = text[-unit:]
        end = len(text)
        while end >= unit and text[end - unit : end] == repeated:
            end -= unit
        kept = text[: end + unit]
    else:
        kept = text[: max(0, len(text) - WINDOW) + WINDOW // 4]
    return whole_sentences(kept)


def whole_sentences(text: str) -> str:
    """`text` up to its last sentence end; all of it when it has none."""
    ends = [end.end() for end in SENTENCE_END.finditer(text)]
    return (text[: ends[-1]] if ends else text).rstrip()


def _unit_of_loop(text: str) -> int:
    """The length of what the end of `text` repeats, 0 when it repeats nothing."""
    for size in range(1, min(LONGEST_UNIT, len(text) // TIMES) + 1):
        times = max(TIMES, -(-LEAST // size))
        if text[-size:] == text[-2 * size : -size] and text.endswith(text[-size:] * times):
            return size
    return 0


def _counts_along(text: str) -> bool:
    """True when it says the same but for the numbers in it; rows of a table hold few letters besides theirs."""
    words = DIGITS.sub("", text[-COUNTED:])
    unit = _unit_of_loop(words)
    return unit > 0 and sum(letter.isalpha() for letter in words[-unit:]) >= LETTERS


def _is_stale(text: str) -> bool:
    tail = text[-WINDOW:]
    if len(tail) < WINDOW:
        return False
    grams = [tail[at : at + GRAM] for at in range(len(tail) - GRAM)]
    return len(set(grams)) < FRESH * len(grams)
