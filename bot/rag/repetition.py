"""Repetition detector: whether a growing answer repeats itself or its prompt, and where to cut it."""

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
MARK = re.compile(r"^[ \t]*(?:<<<|>>>).*$", re.MULTILINE)
"""A line with the marks around the passages of a prompt."""
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


def before_echo(text: str) -> str:
    """`text` without what it repeats of its prompt: the marks around passages, and all from the first one after own words on.

    A passage that it begins with is left out when an answer follows, and is the answer when none does.
    """
    marks = list(MARK.finditer(text))
    if marks and not text[: marks[0].start()].strip():
        closing = next((at for at, mark in enumerate(marks) if mark[0].lstrip().startswith(">>>")), len(marks) - 1)
        rest = text[marks[closing].end() :]
        return (
            before_echo(rest) if rest.strip() and closing else MARK.sub("", text[: marks[closing].start()] if closing else rest)
        )
    return text[: marks[0].start()].rstrip() if marks else text


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
