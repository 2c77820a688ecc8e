"""Redaction: sentences that repeat forgotten words are removed from texts that stay.

An answer to somebody else may say again what was forgotten. What the text's own question or its sources say is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import prompts
from bot.memory.validation import SENTENCE
from bot.types import language_of
from knowledge.text import HAN, fold

RUN = re.compile(rf"[{HAN}]{{4,}}")
NAME = re.compile(r"(?<=[\w,] )[A-Z][^\W\d_]{2,}|\b(?=\w*\d)[\w-]{4,}|\b\w*[a-z][A-Z]\w*")
"""What is hardly said twice by chance: a capital inside a sentence, a word with a digit or a capital in it."""
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", re.ASCII)
CHARACTERS, WORDS = 4, 4
"""So many Chinese characters, or Latin words, in a row are a repetition."""


def traces(text: str) -> frozenset[str]:
    """What a text can be known again by."""
    plain = fold(text)
    found = {run[at : at + CHARACTERS] for run in RUN.findall(plain) for at in range(len(run) - CHARACTERS + 1)}
    found |= {name.lower() for name in NAME.findall(plain)}
    words = [word.lower() for word in WORD.findall(plain)]
    return frozenset(found | {" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1)})


class Redactor:
    """Takes the echoes of what was forgotten out of texts."""

    def __init__(self, forgotten: Iterable[str], *, names: Iterable[str] = ()) -> None:
        """`names` are of whoever is forgotten whole: answers that call them by one of these lose that sentence."""
        self._traces = frozenset().union(*map(traces, forgotten))
        called = sorted({fold(name).lower() for name in names if len(name.strip()) > 1}, key=len, reverse=True)
        self._names = re.compile("|".join(_called(name) for name in called)) if called else None

    def redact(self, text: str, allowed: str) -> str:
        """`text` without the sentences that hold a trace of the forgotten that is not in `allowed`."""
        secret = self._traces - traces(allowed)
        names = None if self._names and self._names.search(fold(allowed).lower()) else self._names
        if not _holds(text, secret, names):
            return text
        kept = "".join(sentence for sentence in SENTENCE.findall(text) if not _holds(sentence, secret, names))
        return kept.strip() or prompts.load("memory").say("was_forgotten", language_of(text))


def _holds(sentence: str, secret: frozenset[str], names: re.Pattern[str] | None) -> bool:
    plain = fold(sentence).lower()
    if names and names.search(plain):
        return True
    return bool(traces(sentence) & secret) or any(_single(trace) and trace in plain for trace in secret)


def _called(name: str) -> str:
    """A Latin name as a word of its own, since another may begin with it; Chinese has no spaces between words."""
    return re.escape(name) if re.search(rf"[{HAN}]", name) else rf"(?<!\w){re.escape(name)}(?!\w)"


def _single(trace: str) -> bool:
    return " " not in trace
