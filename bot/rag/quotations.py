"""Quotation check: quotation marks stay only around what the sources say verbatim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.rag import code_spans
from bot.types import Citation
from knowledge.foreign_text import normalized

SHORTEST = 6
"""Characters; what is shorter is a term that is named, not a quotation."""
QUOTED = re.compile(r"[“「『](?P<curly>[^“”「」『』\n]+)[”」』]|\"(?P<straight>[^\"\n]+)\"")
SIGNS = re.compile(r"[\s*_`~\\，,。.；;：:！!？?、…—-]+")


def only_real_quotations(text: str, sources: Sequence[Citation]) -> str:
    """Quotation marks go where no source holds the quoted words (signs and emphasis aside); the words stay."""
    held = [_letters_of_source(source.text) for source in sources]
    code = code_spans.places(text)

    def checked(found: re.Match[str]) -> str:
        words = found["curly"] or found["straight"]
        if code_spans.code_at(code, found.start()) or len(words) < SHORTEST or any(_letters(words) in one for one in held):
            return found[0]
        return words

    return QUOTED.sub(checked, text)


@lru_cache(maxsize=512)
def _letters_of_source(text: str) -> str:
    return _letters(text)


def _letters(text: str) -> str:
    return SIGNS.sub("", normalized("NFKC", text)).lower()
