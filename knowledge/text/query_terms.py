"""A question goes in; its terms come out, each marked by how much it tells: question words are not what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from knowledge.text.tokenizer import HAN, TOKEN, fold, terms

# What questions are made of. Chinese ones are looked for as phrases; the longest that fits wins.
CHINESE = (
    "什么 是什么 有什么 为什么 是 怎么 怎么样 怎样 怎么办 哪个 哪些 哪一个 哪种 哪 哪儿 哪里 哪位 哪几 哪几个 几个 吗 呢 吧"
    " 啊 呀 嘛 的 了 在 有 和 与 跟 为 多少 多大 多长 谁 几 请问 如何 一下 到底 究竟 何 多 个 被 以 于 其 中 由 时 及 这 那"
    " 它 它们 他 她 他们 我 我们 你 就 都 也 还 说 咋 咋样 啥 为啥 来着 大概 一般 具体 分别 什么样 何时 请 介绍 讲讲 讲 告诉"
    " 告诉我 关于 会 能 要 没 没有 不 到 把 从 让 给 对 用 得 着 过 去 来 做 叫 叫什么 这个 那个 有没有 是不是 能不能 会不会"
    " 要不要 可以 应该 意思 什么意思 指什么 有哪些 有哪几 是谁 是多少 有多少 怎么做 一共 总共 那篇 那个人 里 里面 上 下 最"
    " 又 各 各自 分为 哪几种 哪几类 哪几步 怎么说 说了什么 出来 一个 两个 那些 这些 那几个 之后 之前 以后 以前 后来"
).split()
PHRASES = tuple(phrase for phrase in CHINESE if len(phrase) > 1)
SINGLE = frozenset(phrase for phrase in CHINESE if len(phrase) == 1)
ENGLISH = frozenset(
    "the a an of to in on for with and or by from at as is are was were be been being it its this that these those do"
    " does did has have had can could will would may might should what which who whom whose when where why how than then"
    " into about over out up if there their they he she his her him you your we our i my me us so such but just some any"
    " all each not no s t tell explain describe please mean means much many d ll m re ve get got".split()
)


class Telling(Enum):
    """How much a term says about what is asked."""

    FULLY = 1.0
    PARTLY = 0.4
    """A pair of characters that reaches from a question word into another word."""
    HARDLY = 0.1
    """Measured on CMRC 2018: question words do better at a tenth to a third of their weight than at full weight or none."""


@dataclass(frozen=True, slots=True)
class Part:
    """A term of a question."""

    term: str
    telling: Telling
    name: bool
    """True for a Latin word or a number: in a Chinese question, most likely the name of what it is about."""


def parts_of_question(question: str) -> Iterator[Part]:
    """The terms of `question`, in order."""
    for token in TOKEN.findall(fold(question)):
        if re.match(f"[{HAN}]", token):
            yield from _of_chinese(token)
        else:
            for term in terms(token):
                yield Part(term, Telling.HARDLY if token.lower() in ENGLISH else Telling.FULLY, name=True)


def _of_chinese(run: str) -> Iterator[Part]:
    """Phrases are marked as a whole; a filler of one character says nothing alone, but may be part of any word."""
    filler = [False] * len(run)
    for match in _phrases().finditer(run):
        filler[match.start() : match.end()] = [True] * len(match[0])
    for at, character in enumerate(run):
        yield Part(character, Telling.HARDLY if filler[at] or character in SINGLE else Telling.FULLY, name=False)
        if at + 1 < len(run):
            yield Part(run[at : at + 2], _of_pair(filler[at], filler[at + 1]), name=False)


def _of_pair(first: bool, second: bool) -> Telling:
    if first and second:
        return Telling.HARDLY
    return Telling.PARTLY if first or second else Telling.FULLY


@cache
def fillers() -> frozenset[str]:
    """The index terms of all words that questions are made of."""
    return frozenset(term for word in (*CHINESE, *ENGLISH) for term in terms(word))


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, PHRASES), key=len, reverse=True)))
