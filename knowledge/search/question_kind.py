"""What kind of answer a question asks for: a list, a date, a number, a reason, a definition, open tasks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.search.quotability import DONE_TASK
from knowledge.text import ASKS_FOR_TASKS

LISTS = re.compile(
    r"哪些|哪几|哪[一二两三四五六七八九十\d]+[个种类条步点样项]|几[个种类条步点样大项]|有什么|有哪|分别|步骤|流程|所有|列出|列举|清单|都有|包括"
    r"|\bwhat are\b|\bwhich (?:\w+ )?\w+s\b"
    r"|\blist\b|\bsteps?\b|\bstages?\b|\bkinds?\b|\btypes?\b|\breasons\b|\ball (?:the )?\w+s\b|\bname the\b"
    r"|\bwhat \w+s (?:are|do|can|should|were|have)\b",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"为什么|为何|为啥|怎么|怎样|如何|什么|啥|哪|多少|多[大长高久远]|几|谁"
    r"|\b(?:what|which|who|why|how|when|where)\b",
    re.IGNORECASE,
)
OF_EACH = re.compile(
    r"各|分别|两者|区别|不同|对比|差异|差别|相比|\b(?:each|both|respectively|vs|versus|differences?|differs?|compared?)\b",
    re.IGNORECASE,
)
# What a question asks for, what shows that a sentence holds it, and what that counts; the first that fits decides.
KINDS = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(tells, re.IGNORECASE), share)
    for asks, tells, share in (
        (
            r"哪一?年|何时|什么时候|几月|几号|哪天|日期|\bwhen\b|what year",
            r"\d{2,4}\s*年|\d+\s*[月日]|世纪|\b(?:19|20)\d\d\b",
            0.3,
        ),
        (
            r"多少|几[个种次条步年天款家位篇份倍成章层项类]|多[长大高远久快]|比例|百分|占比|how (?:many|much|big|long|large)",
            r"\d|[一二三四五六七八九十百千万亿两]",
            0.3,
        ),
        (r"为什么|为何|为啥|原因|\bwhy\b", r"因为|由于|因此|所以|导致|because|since|due to", 0.2),
        (
            r"是什么|什么意思|什么是|指什么|啥意思|含义|定义|what (?:is|are|does)|\bmeans?\b",
            r"指|是|即|称为|叫做|refers|means| is ",
            0.2,
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionKind:
    """What is asked for."""

    lists: bool
    tasks: bool
    several: bool
    """True when it asks for more than one thing, or for the same of several."""
    tells: re.Pattern[str] | None = None
    share: float = 0.0

    @classmethod
    def of(cls, question: str) -> QuestionKind:
        kind = next(((tells, share) for asks, tells, share in KINDS if asks.search(question)), (None, 0.0))
        return cls(
            lists=bool(LISTS.search(question)),
            tasks=bool(ASKS_FOR_TASKS.search(question)),
            several=len(ASKS.findall(question)) > 1 or bool(OF_EACH.search(question)),
            tells=kind[0],
            share=kind[1],
        )

    def worth(self, sentence: str) -> float:
        """What a sentence gains that holds what is asked for."""
        return self.share if self.tells and self.tells.search(sentence) else 0.0

    def allows(self, line: str) -> bool:
        """Who asks what is left to do is not told what is done."""
        return not self.tasks or not DONE_TASK.match(line)
