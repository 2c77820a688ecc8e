"""Text goes in; what is left of it when case, width, script, markup and punctuation do not count comes out."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.lexicon import fold

SIGNS = re.compile(r"[^\w+#%°℃$€¥√²³]|_")


@lru_cache(maxsize=20_000)
def bare(text: str) -> str:
    """Folded, in lower case, letters and digits and the signs that tell things apart (C++, 5 %)."""
    return SIGNS.sub("", fold(text).casefold())


def gives_away(question: str, answer: str) -> bool:
    """The question holds its answer."""
    inner = bare(answer)
    return not inner or inner in bare(question)
