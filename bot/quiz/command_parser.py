"""Parser of the words after `/quiz`, in English or Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

VERBS = {
    "due": "due stats_due 到期 待复习",
    "stats": "stats statistics 统计 数据",
    "undo": "undo 撤销 悔",
    "suspend": "suspend 暂停 停用",
    "wake": "wake unsuspend 恢复",
    "remind": "remind reminder 提醒",
    "group": "group 群测 小组 抢答",
    "stop": "stop end quit 停止 结束",
    "timezone": "timezone tz 时区",
    "new": "new 新卡 每日新卡",
    "retention": "retention 记忆率",
    "export": "export 导出",
    "optimize": "optimize optimise 优化",
    "help": "help 帮助",
}
MEANS = {word: verb for verb, words in VERBS.items() for word in words.split()}
COUNT = re.compile(r"(?:^|\s)(\d{1,3})\s*(?:题|张|道|个|questions?|cards?)?$", re.IGNORECASE)
MOST = 100
"""Questions in one quiz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizCommand:
    """A verb (`start` without one), its words, and a number of questions (0 when not said)."""

    verb: str
    words: str = ""
    count: int = 0


def understand(text: str) -> QuizCommand:
    """`group RAG 5`, `注意力 10题`, `remind 20:00`, `stats`..."""
    first, _, rest = text.strip().partition(" ")
    verb = MEANS.get(first.casefold(), "")
    if verb not in ("", "group"):
        return QuizCommand(verb=verb, words=rest.strip())
    words = (rest if verb else text).strip()
    count = COUNT.search(words)
    if not count:
        return QuizCommand(verb=verb or "start", words=words)
    return QuizCommand(verb=verb or "start", words=words[: count.start()].strip(), count=max(1, min(MOST, int(count[1]))))


def with_count(text: str, count: int) -> str:
    """`text` with a number of questions, where one can stand and none is said."""
    wanted = understand(text)
    return text if wanted.count or wanted.verb not in ("start", "group") else f"{text} {count}"
