"""What of a note answers a question, and what never does: questions, announcements, tags, lists of links, properties."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.passages.plain_text import ADDRESS, IMAGE, LINK, WIKI_LINK
from knowledge.passages.reader_form import KEYS, readable

MARKER = re.compile(r"[ \t]*(?:>[ \t]?)*(?:(?:[-*+•]|\d{1,9}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?(?:#{1,6}[ \t]+)?")
ASKS = re.compile(r"[?？][\s*_`”’\"'」』）)\]]*$")
LONGEST_QUESTION = 90
"""Characters."""
ANNOUNCES = re.compile(
    r"^\W*(?:在?(?:本|这一?|该|下)(?:篇|文|章|节|小节|文章|教程|笔记|部分)[^。！\n]{0,20}"
    r"(?:将|会|主要|来|我们|就|带你|深入|详细|介绍|探讨|讨论|讲解|记录|总结|整理)"
    r"|(?:接下来|下面|以下|那么)[^。！\n]{0,12}(?:介绍|探讨|讨论|讲解|来看|看看|学习|了解)"
    r"|(?:so |now |first |next |then )?(?:in|throughout) th(?:is|e following|e next)"
    r" (?:post|article|chapter|section|note|guide|tutorial|page|part|lesson|video)\b"
    r"|this (?:post|article|chapter|section|note|guide|tutorial|page|part|lesson) "
    r"(?:will|covers?|explains?|describes?|introduces?|discusses?|explores?|is about|looks? at|aims?)\b"
    r"|(?:now |next,? |here,? )?(?:let's|let us|we(?:'ll| will| are going to| shall)|i(?:'ll| will))"
    r" (?:now |first |also |briefly )?"
    r"(?:look|see|explore|discuss|cover|learn|talk|dive|explain|go (?:over|through)|take a look)\b)",
    re.IGNORECASE,
)
METADATA = re.compile(
    rf"^\W*(?:(?P<key>up|upstream|down|tags?|created|updated|modified|alias(?:es)?|uid|uuid|id|layout|permalink|draft|publish|cover"
    rf"|mathjax|toc|cssclass(?:es)?|status|links?|related|parent|type|categor(?:y|ies)|title)[*_`]*:(?:\s|$|[*_`])|(?:{KEYS})::)",
    re.IGNORECASE,
)
POINTER = re.compile(
    r"\b(?:see(?: also)?|for|more|details?|read|also|and|or|the|in|at|on|to|here|links?|refs?|references?|cf|source|via|"
    r"related|further|reading|note|page|about|check|out|by|from|up|upstream)\b"
    r"|详见|参见|参考|请看|可见|另见|见|参阅|详情|更多|细节|来源|出处|原文|链接|相关|阅读|资料|论文|以及|和|与|或|及|请|点击|这里|此处|一节|文章|笔记",
    re.IGNORECASE,
)
SPARE = re.compile(r"[\W_\d]+")
PLACEHOLDER = re.compile(r"\{\{[^{}<%\n]{0,60}\}\}|<%[^%\n]{0,80}%>|\$\{[A-Za-z_][\w.]{0,40}\}")
TAGS = re.compile(r"(?:^|(?<=\s))#[^\s#]+")
ASKS_FOR_LINKS = re.compile(
    r"哪里|哪儿|何处|在哪|参考|链接|出处|资料|延伸|推荐.{0,4}(?:书|文|阅读)|\bwhere\b|\blinks?\b|\breferences?\b|\bsources?\b"
    r"|\breading\b|\bpapers?\b|\bsee\b|\burl\b|论文|网址|地址",
    re.IGNORECASE,
)
OPEN_TASK = re.compile(r"[ \t]*[-*+][ \t]+\[ \][ \t]")
DONE_TASK = re.compile(r"[ \t]*[-*+][ \t]+\[[xX]\][ \t]")


def is_quotable(raw: str, question: str = "") -> bool:
    """False for what no reader would take for an answer, unless the question asks for just that."""
    if _is_idle(raw) and (_named_property(raw) or "\0") not in question.lower():
        return False
    return bool(ASKS_FOR_LINKS.search(question)) or not _points_only(raw)


def _named_property(raw: str) -> str:
    found = METADATA.match(_words(raw))
    return (found["key"] or "").lower() if found else ""


def leads_on(raw: str) -> bool:
    """True for a question or an announcement, which what follows answers."""
    return asks_itself(raw) or bool(ANNOUNCES.search(_words(raw)))


def asks_itself(raw: str) -> bool:
    """True for a question: what follows it is the answer. A long sentence says something before it asks."""
    words = _words(raw)
    return len(words) <= LONGEST_QUESTION and bool(ASKS.search(words))


@lru_cache(maxsize=5_000)
def _words(raw: str) -> str:
    return readable(MARKER.sub("", raw, count=1)).strip()


@lru_cache(maxsize=5_000)
def _is_idle(raw: str) -> bool:
    words = _words(raw)
    if not words or asks_itself(raw) or ANNOUNCES.search(words) or METADATA.match(words) or PLACEHOLDER.search(raw):
        return True
    return not SPARE.sub("", TAGS.sub("", words)) and not re.search(r"\d", words)


@lru_cache(maxsize=5_000)
def _points_only(raw: str) -> bool:
    """True for a line that is nothing but links and words such as "see also"."""
    bare = IMAGE.sub("", raw)
    linked = WIKI_LINK.sub("", LINK.sub("", ADDRESS.sub("", bare) if not LINK.search(bare) else bare))
    if linked == raw:
        return False
    return not SPARE.sub("", POINTER.sub("", readable(linked)))
