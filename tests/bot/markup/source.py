"""The words that Markdown shows, read from the parser's tokens and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

from bot.markup.grammar import parse
from bot.markup.styled_text import BLANK, clean


def words_of(markdown: str) -> list[str]:
    """Runs of letters and digits in the order in which they are read; formulas and HTML are checked elsewhere."""
    found: list[str] = []
    for text in _texts(parse(clean(markdown))):
        found += re.findall(r"[^\W_]+", BLANK.sub("", clean(re.sub(r"^\[[xX]\] ", "", text))))
    return [word for word in found if word.isalnum()]


def _texts(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _texts(token.children)
        elif token.type in ("text", "code_inline", "fence", "code_block", "plain_lines", "text_special"):
            yield token.content


def lost(words: list[str], shown: str) -> str:
    """The first word that is not shown in its order, or nothing."""
    at = 0
    for word in words:
        found = shown.find(word, at)
        if found < 0:
            return word
        at = found + len(word)
    return ""
