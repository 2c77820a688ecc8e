"""Markdown goes in; which parts of it are code, where signs mean nothing but themselves, comes out."""

from __future__ import annotations

import re

PATTERN = r"""
    ^[ \t>]*(?P<fence>`{3,}|~{3,})[^\n]*$ .*? (?: ^[ \t>]*(?P=fence)[`~]*[ \t]*$ | \Z )
  | (?<!`)(?P<ticks>`+)(?!`) (?:(?!\n[ \t]*\n).)+? (?<!`)(?P=ticks)(?!`)
"""
"""A fenced block, to the end of the text if nothing closes it, or a span within a paragraph (CommonMark 0.31, 4.5 and 6.1)."""
FLAGS = re.VERBOSE | re.DOTALL | re.MULTILINE
CODE = re.compile(PATTERN, FLAGS)


def parts(text: str) -> list[str]:
    """The parts of `text` in order: words first (perhaps none), then code, then words, and so on."""
    found, end = [], 0
    for code in CODE.finditer(text):
        found += [text[end : code.start()], code[0]]
        end = code.end()
    return [*found, text[end:]]
