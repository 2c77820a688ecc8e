"""Model routing: whether a question is worth the slower, better model's time."""

from __future__ import annotations

import re

from knowledge.notebook import SearchResult

WEAK = 1.5
"""Times the floor below which the notes are said not to answer; on 81 questions that a vault answers, one in seven is below."""
COMPARES = re.compile(
    r"比较|对比|区别|差别|差异|异同|不同(?:之处|点|在)|优缺点|利弊|分别|各自|联系|关系是|之间的?关系"
    r"|\b(?:compar\w+|differ\w*|versus|vs|pros and cons|trade-?offs?|respectively|relat(?:e|es|ed|ion\w*) (?:to|between))\b",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"为什么|为何|什么时候|什么|怎么样?|怎样|如何|哪|谁|多少|多久|几[个种步]|吗|是否"
    r"|\b(?:what|which|who|why|how|when|where)\b",
    re.IGNORECASE,
)
PART = re.compile(r"[，,；;。？?！!\n]|以及|并且|还有|同时|然后|另外|\b(?:and|also|then)\b", re.IGNORECASE)


def is_hard(question: str, found: SearchResult) -> bool:
    """True when little was found for it, or it asks for several things."""
    return 0 < found.strength < WEAK or has_parts(question)


def has_parts(question: str) -> bool:
    """True for a comparison, and for a question of which two parts ask something."""
    return bool(COMPARES.search(question)) or sum(bool(ASKS.search(part)) for part in PART.split(question)) > 1
