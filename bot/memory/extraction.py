"""Extraction of what people say about themselves, without a model, from how sentences begin."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.memory.validation import ORDER, SENTENCE, clean, presentable

QUOTED = re.compile(r"```.*?(?:```|\Z)|`[^`]*`|^[^\S\n]*>.*$|[“「『][^“「『”」』]*[”」』]|\"[^\"\n]*\"", re.DOTALL | re.MULTILINE)
ASKS = re.compile(
    r"[?？]\s*$|(?:吗|呢|么)[。.!！]?\s*$|^\s*(?:who|what|where|when|why|how|which|am i|do i|did i|can i|is my)\b", re.I
)
SUPPOSES = re.compile(r"^(?:如果|假如|假设|要是|比如|例如|if|suppose|imagine|let's say|say,|for example|e\.g\.)", re.IGNORECASE)
LEAD = (
    r"^(?:(?:其实|另外|对了|嗯|哦|你好|您好|大家好|hi|hello|hey|by the way|btw|actually|also|well|so|and|just so you know)"
    r"[，,。!！\s]*)*"
)
EXPLICIT = re.compile(
    LEAD + r"(?:(?:请|帮我|麻烦)?(?:你)?(?:记住|记一下|记下来?|记得)[：:，,\s]*(?P<zh>.+)"
    r"|(?:please\s+)?(?:remember|keep in mind|note)(?:\s+that\b|\s*[:：,]|\s)\s*(?P<en>.+))$",
    re.IGNORECASE | re.DOTALL,
)


def _begins(*words: str) -> re.Pattern[str]:
    return re.compile(f"{LEAD}(?:{'|'.join(words)})", re.IGNORECASE)


STATEMENTS = (
    ("fact", "name", _begins(r"(?:我叫|我的名字[是叫]|我名叫|my name(?:'s| is)|call me)\s*\S")),
    (
        "preference",
        "length",
        _begins(
            r"我(?:更?喜欢|想要|偏好|希望).{0,8}(?:简短|简洁|详细|短一?点|长一?点)",
            r"i (?:prefer|like|want).{0,20}(?:short|brief|concise|detailed|long)\b",
        ),
    ),
    (
        "preference",
        "language",
        _begins(
            r"(?:请|以后)?用(?:中文|英文|英语)(?:回答|回复|跟我说)|我(?:更?喜欢|希望)用?(?:中文|英文|英语)",
            r"(?:please )?(?:answer|reply)(?: me)? in (?:english|chinese)|i prefer (?:english|chinese)",
        ),
    ),
    (
        "level",
        "level",
        _begins(
            r"我是.{0,10}(?:初学者|新手|小白|高手|零基础)|我.{0,6}(?:零基础|刚入门|刚开始学)",
            r"i(?:'m| am) (?:a |an )?(?:complete |total |absolute )?(?:beginner|novice|newbie|expert|intermediate|advanced)\b",
        ),
    ),
    ("goal", "goal", _begins(r"我的目标是|my goal is")),
    (
        "goal",
        "",
        _begins(
            r"我(?:正?在学|在准备|准备考|想学|打算学|要考|计划)",
            r"i(?:'m| am) (?:learning|studying|preparing|trying to learn)\b",
            r"i(?:'d like| want| plan) to (?:learn|study|pass|understand)\b",
        ),
    ),
    ("fact", "home", _begins(r"我(?:现在)?住在|我搬到了?|i (?:now )?live in\b|i(?:'ve)? moved to\b")),
    (
        "fact",
        "work",
        _begins(r"我(?:现在)?在.{1,20}(?:工作|上班)|我的(?:工作|职业)是", r"i (?:now )?work (?:at|as|for|in)\b|my job is"),
    ),
    ("fact", "age", _begins(r"我(?:今年)?\d{1,3}岁|i(?:'m| am) \d{1,3}(?: years old)?\s*[.!,]?$")),
    (
        "fact",
        "my:",
        _begins(
            r"我的(?P<zh>[^，,。是叫在有]{1,10})(?:是|叫|在|有)", r"my (?P<en>[\w'’]+(?: [\w'’]+){0,2}) (?:is|are|was|has)\b"
        ),
    ),
    ("fact", "my:", _begins(r"我(?P<zh>[^，,。是叫在有想要能会]{1,6})叫\S")),
    (
        "preference",
        "",
        _begins(
            r"我(?:更?喜欢|偏好|最爱|讨厌|不喜欢|爱吃|不吃)",
            r"i (?:really |also )?(?:prefer|like|love|hate|dislike|don't like|enjoy)\b",
        ),
    ),
    (
        "fact",
        "",
        _begins(
            r"我(?:不)?是(?!说|问|想|指|不是|否|怎么|谁|什么)|我来自|我有(?!个?问题|一个问题|点不|没有|什么)|我对.{1,12}过敏",
            r"i(?:'m| am) (?:not )?(?:a|an|the|from|allergic|married|vegetarian|vegan)\b",
            r"i have (?:a|an|two|three|\d+)\b(?! question)",
        ),
    ),
)
"""Kind, what it is about (a newer statement about the same takes its place), and how a sentence of that kind begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfStatement:
    """A sentence in which somebody speaks of themselves."""

    kind: str
    about: str
    text: str


def statements(words: str) -> tuple[SelfStatement, ...]:
    """What is said of oneself in `words`. Questions, suppositions and whatever stands in quotation marks say nothing."""
    own = QUOTED.sub(" ", words)
    found: dict[str, SelfStatement] = {}
    for sentence in map(_telling, SENTENCE.findall(own)):
        statement = _explicit(sentence) or _implicit(sentence)
        if statement and statement.text not in found:
            found[statement.text] = statement
    return tuple(found.values())


def about_of(text: str) -> tuple[str, str]:
    """The kind of a statement and what it is about; (`told`, nothing) for words that are none."""
    for kind, about, pattern in STATEMENTS:
        match = pattern.search(text)
        if match:
            return kind, _about(about, match)
    return "told", ""


def _telling(sentence: str) -> str:
    """What comes before the question in "I am new here, where do I begin?"."""
    before = re.split(r"[，,；;]", sentence.strip())[:-1] if ASKS.search(sentence) else []
    return "，".join(before) if before and "我" in sentence else ", ".join(before) if before else sentence


def _explicit(sentence: str) -> SelfStatement | None:
    match = EXPLICIT.search(sentence.strip())
    if match is None or ASKS.search(sentence):
        return None
    text = _trimmed(match["zh"] or match["en"])
    about = about_of(text)[1]
    return SelfStatement(kind="told", about=about, text=text) if presentable(text) else None


def _implicit(sentence: str) -> SelfStatement | None:
    if ASKS.search(sentence) or SUPPOSES.search(sentence.strip()) or ORDER.search(sentence):
        return None
    text = _trimmed(sentence)
    kind, about = about_of(text)
    return SelfStatement(kind=kind, about=about, text=text) if kind != "told" and presentable(text) else None


def _trimmed(sentence: str) -> str:
    return clean(sentence).rstrip("。.!！；;，, ")


def _about(about: str, match: re.Match[str]) -> str:
    if about != "my:":
        return about
    groups = match.groupdict()
    return f"my:{(groups.get('zh') or groups.get('en') or '').lower()}"[:60]
