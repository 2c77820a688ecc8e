"""What a question is about, in its own words: the question without the words around it that every question is made of."""

from __future__ import annotations

import re
from functools import cache

from knowledge.text.query_terms import CHINESE, ENGLISH, FRAMES

POLITE = (
    "请问 请 麻烦 帮我 我想知道 我想问 想问一下 想问 你知道 解释一下 解释 讲一下 说一下 说说 谈谈 一下 那么"
    " 所以 就是 什么是 啥是 谁是"
).split()
SAFE_ALONE = "吗呢吧啊呀嘛么了请那"
"""Characters that begin or end no name, among those that may stand around one."""
TAIL = 80
"""Characters at the end of a question in which what follows the subject begins."""
MARKS = r"[\s,，.。!！?？:：;；~～…、]"


def subject_of(question: str) -> str:
    """`RAG` of "What is RAG?", `注意力机制` of "请介绍一下注意力机制"; empty when the question says nothing else."""
    before, after = _frames()
    words = before.sub("", question.strip())
    return (words[:-TAIL] + after.sub("", words[-TAIL:])).strip()


@cache
def _frames() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What may stand before the subject, and after it. English words in capitals are names (`WHO`, `GET`)."""
    chinese = "|".join(sorted({*POLITE, *(word for word in CHINESE if len(word) > 1), *SAFE_ALONE}, key=len, reverse=True))
    english = "|".join(
        sorted({form for word in (*ENGLISH, *FRAMES) for form in (word, word.capitalize())}, key=len, reverse=True)
    )
    before = rf"^(?:{chinese}|(?:{english})(?:['’](?:s|re))?(?![\w'’-])|{MARKS})++"
    after = rf"(?:{chinese}|是|有多[大少长高久快]|(?<![\w'’-])(?:{english})|{MARKS})++$"
    return re.compile(before), re.compile(after)
