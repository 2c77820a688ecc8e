"""What a question is about: its terms, each marked by how much it tells, and its subject in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from knowledge.text.tokenizer import ALONE, HIRAGANA, LONGEST_WORD, RUN, TOKEN, fold, numbered, terms

# What questions are made of. Chinese ones are looked for as phrases; the longest that fits wins.
CHINESE = (
    "什么 是什么 有什么 为什么 是 怎么 怎么样 怎样 怎么办 哪个 哪些 哪一个 哪种 哪 哪儿 哪里 哪位 哪几 哪几个 几个 吗 呢 吧"
    " 啊 呀 嘛 的 了 在 有 和 与 跟 为 多少 多大 多长 谁 几 请问 如何 一下 到底 究竟 何 多 个 被 以 于 其 中 由 时 及 这 那"
    " 它 它们 他 她 他们 我 我们 你 就 都 也 还 说 咋 咋样 啥 为啥 来着 大概 一般 具体 分别 什么样 何时 请 介绍 讲讲 讲 告诉"
    " 告诉我 关于 会 能 要 没 没有 不 到 把 从 让 给 对 用 得 着 过 去 来 做 叫 叫什么 这个 那个 有没有 是不是 能不能 会不会"
    " 要不要 可以 应该 意思 什么意思 指什么 有哪些 有哪几 是谁 是多少 有多少 怎么做 一共 总共 那篇 那个人 里 里面 上 下 最"
    " 又 各 各自 分为 哪几种 哪几类 哪几步 怎么说 说了什么 出来 一个 两个 那些 这些 那几个 之后 之前 以后 以前 后来"
    " 是啥 啥是 有啥 叫啥 啥叫 啥意思 啥样 啥时候 说啥 咋说 咋办 咋弄 咋做"
).split()
JAPANESE = (
    "ですか ますか でしょうか なのか のか とは って どう どの どれ どこ どんな いつ なぜ なに いくつ いくら だれ ください"
    " について する します した して される された でき できる ます ました ません です でした もの こと ため ある あり ない"
    " なる なり いる から まで より では には とき は が を に で と も の へ や か"
).split()
KOREAN = (
    "무엇 무슨 뭐 왜 어떻게 어떤 어디 언제 누가 누구 얼마나 얼마 몇 인가요 인가 나요 까요 습니까 입니까 합니까 됩니까 되나요"
    " 되나 하나요 하나 하면 되면 있나요 있는 있다 합니다 한다 됩니다 된다 입니다 이다 에서 에게 으로 부터 까지 하는"
).split()
PARTICLES = "[은는이가을를에로와과의도란요]$"
"""Korean ones, at the end of a word."""
PHRASES = tuple(phrase for phrase in (*CHINESE, *KOREAN) if len(phrase) > 1) + tuple(JAPANESE)
HIRAGANA_RUN = re.compile(f"[{HIRAGANA}]+")
"""Mostly particles and endings."""
SINGLE = frozenset(phrase for phrase in CHINESE if len(phrase) == 1)
ENGLISH = frozenset(
    "the a an of to in on for with and or by from at as is are was were be been being it its this that these those do"
    " does did has have had can could will would may might should what which who whom whose when where why how than then"
    " into about over out up if there their they he she his her him you your we our i my me us so such but just some any"
    " all each not no s t tell explain describe please mean means much many d ll m re ve get got".split()
)


# What a question is framed with: it may stand in an answer, but the names that it is put around tell much more.
FRAMES = frozenset(
    "stand stands difference differences different differ differs vs versus compare compared comparison happen happens happened"
    " work works definition concept overview meaning purpose acronym abbreviation full form basically exactly actually instead"
    " rather use using used".split()
)
CHINESE_FRAMES = (
    "差在哪 差在哪里 差别 区别 不同 差异 有何 异同 对比 相比 比较 概念 定义 含义 全称 缩写 简称 原理 作用 用途 干什么 干嘛 做什么"
    " 干啥 做啥 什么区别 有什么区别 啥区别 有啥区别 什么不同 有什么不同 啥不同 有啥不同"
    " 是干什么 是做什么 是干啥 发生 会怎样 怎么回事 咋回事 哪个好"
).split()


TAG = re.compile(
    r"#((?!\d+(?!\w))[\w/-]+)|(?:标签|标记)(?:了|有|是|为|叫|着)?[ :：]?[“「\"]?(\w+)|\btagged(?: with| as)? [\"“]?([\w/-]+)",
    re.IGNORECASE,
)
ASKS_FOR_TASKS = re.compile(
    r"没做完|没完成|未完成|没有完成|待办|还要做|还没做|要做的|剩下.{0,6}(?:做|事)"
    r"|\bto-?dos?\b|\bunfinished\b|\b(?:left|still) to (?:do|finish)\b"
    r"|\bopen tasks?\b|\bnot (?:yet )?(?:done|finished)\b|\bpending\b|\boutstanding\b",
    re.IGNORECASE,
)
OPEN_TASK = "☐"
"""The term of a task that is not done."""

POLITE = (
    "请问 请 麻烦 帮我 我想知道 我想问 想问一下 想问 你知道 解释一下 解释 讲一下 说一下 说说 谈谈 一下 那么"
    " 所以 就是 什么是 啥是 谁是"
).split()
SAFE_ALONE = "吗呢吧啊呀嘛么了请那"
"""Characters that begin or end no name, among those that may stand around one."""
TAIL = 80
"""Characters at the end of a question in which what follows the subject begins."""
MARKS = r"[\s,，.。!！?？:：;；~～…、]"

EVERYDAY = """\
红烧肉怎么做才好吃？
明天会下雨吗？
怎么修自行车的链条？
有什么好看的小说推荐？
孩子发烧了怎么办？
怎样学弹吉他？
从上海到杭州坐什么车最快？
现在房贷利率是多少？
猫为什么喜欢纸箱？
怎么减肥不反弹？
咖啡和茶哪个更提神？
头疼吃什么药？
附近有哪家火锅好吃？
护照过期了怎么换？
冰箱不制冷是什么原因？
种番茄什么时候浇水？
长城有多长？
感冒多久能好？
怎样做红茶蛋糕？
羽绒服可以机洗吗？
足球越位是怎么判的？
秋天适合去哪里旅游？
How do I bake bread?
What is the capital of Peru?
When does the next train leave?
Which vitamins are in carrots?
How can I fix a leaking tap?
Who won the football match last night?
Why do cats purr?
What should I wear to a wedding?
How long does it take to boil an egg?
Where can I buy cheap shoes?
""".splitlines()


def marks_of_question(question: str) -> tuple[str, ...]:
    """The terms of what is asked for by a mark that its author set: tags, open tasks."""
    tags = (tag_term(next(filter(None, found.groups()))) for found in TAG.finditer(question))
    return (*dict.fromkeys(tags), *((OPEN_TASK,) if ASKS_FOR_TASKS.search(question) else ()))


def tag_term(tag: str) -> str:
    return "#" + fold(tag).lower()


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


def telling_terms(question: str) -> set[str]:
    """The terms that say what `question` is about."""
    return {part.term for part in parts_of_question(question) if part.telling is Telling.FULLY}


def parts_of_question(question: str) -> Iterator[Part]:
    """The terms of `question`, in order."""
    folded = fold(question)
    before: re.Match[str] | None = None
    for match in TOKEN.finditer(folded):
        token = match[0]
        if RUN.match(token):
            yield from _of_run(token)
        else:
            for term in _of_latin(token):
                yield Part(term, _of_word(token.lower()), name=True)
            for term in numbered(folded, before, match) if before and token[0].isdigit() else ():
                yield Part(term, Telling.PARTLY, name=True)
        before = match


def _of_word(word: str) -> Telling:
    if word in FRAMES:
        return Telling.PARTLY
    return Telling.HARDLY if word in ENGLISH or _is_contracted(word) else Telling.FULLY


def _is_contracted(word: str) -> bool:
    """Whether it is a question word with another one drawn to it: what's, they're, isn't."""
    head, mark, _ = word.replace("’", "'").partition("'")
    return bool(mark) and not ENGLISH.isdisjoint((head, head.removesuffix("n")))


def _of_latin(token: str) -> list[str]:
    return terms(token) if len(token) <= LONGEST_WORD else []


def _of_run(run: str) -> Iterator[Part]:
    """Phrases are marked as a whole; a filler of one character says nothing alone, but may be part of any word."""
    tellings = _of_characters(run)
    most = Telling.PARTLY if HIRAGANA_RUN.match(run) else Telling.FULLY
    alone = ALONE.match(run) or len(run) == 1
    for at, character in enumerate(run):
        if alone:
            yield Part(character, Telling.HARDLY if character in SINGLE else _least(tellings[at], most), name=False)
        if at + 1 < len(run):
            yield Part(run[at : at + 2], _least(_of_pair(tellings[at], tellings[at + 1]), most), name=False)


def _of_characters(run: str) -> list[Telling]:
    tellings = [Telling.FULLY] * len(run)
    for match in _phrases().finditer(run):
        telling = Telling.PARTLY if match[0] in CHINESE_FRAMES else Telling.HARDLY
        tellings[match.start() : match.end()] = [telling] * len(match[0])
    return tellings


def _of_pair(first: Telling, second: Telling) -> Telling:
    return first if first is second else Telling.PARTLY


def _least(one: Telling, other: Telling) -> Telling:
    return min(one, other, key=lambda telling: telling.value)


@cache
def fillers() -> frozenset[str]:
    """The index terms of all words that questions are made of."""
    return frozenset(term for word in (*CHINESE, *ENGLISH) for term in terms(word))


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile("|".join([*sorted(map(re.escape, (*PHRASES, *CHINESE_FRAMES)), key=len, reverse=True), PARTICLES]))


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
