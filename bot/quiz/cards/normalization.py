"""Text goes in; what is left of it when case, width, script, markup and punctuation do not count comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from knowledge.text import fillers, fold, terms

SIGNS = re.compile(r"[^\w+#%°℃$€¥√²³]|_")


@lru_cache(maxsize=20_000)
def bare(text: str) -> str:
    """Folded, in lower case, letters and digits and the signs that tell things apart (C++, 5 %)."""
    return SIGNS.sub("", fold(text).casefold())


def gives_away(question: str, answer: str) -> bool:
    """The question holds its answer."""
    inner = bare(answer)
    return not inner or inner in bare(question)


@lru_cache(maxsize=20_000)
def telling(question: str) -> frozenset[str]:
    """The terms of a question without those that every question has; of Chinese the pairs of characters only."""
    return frozenset(_pairs(term for term in terms(question) if term not in fillers()))


def _pairs(found: Iterable[str]) -> Iterator[str]:
    return (term for term in found if term < "\u3400" or (len(term) > 1 and not fillers().intersection(term)))
