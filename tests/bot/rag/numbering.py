"""Answers with marks of sources in every form that models were seen to write, and a reader of its own to judge what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from unicodedata import normalize

from markdown_it import MarkdownIt

FORMS = (
    "[{}]", "[{}]", "[{}, {}]", "[{},{}]", "[{}，{}、{}]", "[{}][{}]", "[{}-{}]", "[{}–{}]", "[ {} ]", "[[{}]]", "[^{}]",
    "[{}", "[{}, ", "【{}】", "【{}", "【{}†source】", "【{}-{}】", "［{}］", "［{}", "[摘录 {}]", "【摘录{}】", "（摘录 {}）",
    "摘录 {} 说", "[Excerpt {}]", "(excerpts {} and {})", "[来源{}；来源{}]", "[**{}**]", "**[{}]**", "\\[{}\\]", "`[{}]`",
    "`xs[{}]`", "[{}](https://x.example)", "[{}]: 出处", "&#91;{}&#93;", "&lbrack;{}&rbrack;", "[\u200b{}]", "<a>[{}]</a>",
    "[<a>{}</a>]", "![{}](a.png)", "[#{}]", "\n\n```python\nx = xs[{}]\n```\n\n",
)  # fmt: skip
WORDS = ("米饭先洗两遍", "再煮二十分钟", "，", "。", "\n\n", "水要多一点 ", "rice ", "- ", "**水** ")
WIDE = {ord("0") + digit: ord("０") + digit for digit in range(10)}
LABELS = r"摘录|来源|excerpts?|sources?|and|和|†|[\s\d,，、;；#^*_~–—-]"
BRACKETS = re.compile(r"\[[^\[\]【】\n]{0,40}\]|【[^\[\]【】\n]{0,40}】|\((?:摘录|excerpt)[^()\n]{0,30}\)", re.IGNORECASE)
BROKEN_OFF = re.compile(r"[\[【]\s*\^?\d[\d,，、\s-]*\Z")
NAMED = re.compile(r"(?:摘录|excerpts?)\s*(\d+)(?!\s*条)", re.IGNORECASE)


def numbered_answer(chance: Random) -> str:
    """Words and marks of 0 to 120, in both widths of digits, one after the other."""
    parts: list[str] = []
    for _ in range(chance.randint(1, 8)):
        numbers = [str(chance.choice((chance.randint(0, 9), chance.randint(0, 120)))) for _ in range(3)]
        mark = chance.choice(FORMS).format(*numbers)
        parts += [chance.choice(WORDS), mark.translate(WIDE) if chance.random() < 0.15 else mark]
    return "米饭 " + "".join(parts)


def pieces_of(text: str, chance: Random) -> Iterator[str]:
    """The text as a stream breaks it, one to six characters at a time."""
    at = 0
    while at < len(text):
        size = chance.randint(1, 6)
        yield text[at : at + size]
        at += size


def numbers_shown(markdown: str) -> set[int]:
    """The numbers of sources that somebody sees in an answer; brackets in code count when there is nothing else in it."""
    found: set[int] = set()
    for text in _visible(markdown):
        read = normalize("NFKC", text)
        marks = [mark[0] for mark in BRACKETS.finditer(read) if not re.sub(LABELS, "", mark[0][1:-1], flags=re.IGNORECASE)]
        marks += [mark[0] for mark in NAMED.finditer(read)] + BROKEN_OFF.findall(read)
        found |= {int(number) for mark in marks for number in re.findall(r"\d+", mark) if len(number) < 4}
    return found


def _visible(markdown: str) -> Iterator[str]:
    for block in MarkdownIt("commonmark").parse(markdown):
        if block.type != "inline":
            continue
        words = ""
        for inline in block.children or ():
            if inline.type == "code_inline":
                yield inline.content if BRACKETS.fullmatch(inline.content.strip()) else ""
                words += " "
            else:
                words += (
                    inline.content
                    if inline.type in ("text", "text_special", "html_inline", "image")
                    else "\n" * (not inline.nesting)
                )
        yield words
