"""Paraphrase check: whether two questions ask the same in other words. A doubt means no.

Embeddings hold questions alike that differ by a "not", a name or a number, or by who does what to whom. So what may differ is
listed here, and everything else must be the same and in the same order: politeness, particles, the words of one kind of
question (怎么, 如何), and the two ways to ask what something is.
"""

from __future__ import annotations

import re

from knowledge.text import fold, stem

LEAD = re.compile(
    r"^(?:(?:请问|请(?=解释|介绍|说|讲|告诉)|你好|您好|那么|嗨|hi|hello|please|我?想(?:知道|问|问一?下)"
    r"|(?:请|麻烦)?(?:你|您)?(?:帮我|告诉我|给我)(?:讲|说)?(?:一?下)?"
    r"|(?:can|could|would) you (?:please )?(?:tell me|explain)|do you know|i(?: would|'d)? (?:like|want) to know)[\s,，:：!]*)+"
)
ENDS = "?。.~"
ARTICLE = re.compile(r"\b(?:[Tt]he|an?|^An?)\b(?=\s+\w)")
"""Not the last letter of `vitamin A`, nor that of `a = b`."""
NOISE = re.compile(r"到底|究竟|呢|啊|呀|嘛|哦|(?<=[讲说])一下|\b(?:please|actually|exactly)\b")
KINDS = {
    "<why>": r"为什么|为何|为啥|何以|\bhow come\b|\bwhy\b",
    "<when>": r"什么时候|啥时候|何时|\bwhen\b",
    "<where>": r"什么地方|哪里|哪儿|何处|\bwhere\b",
    "<how long>": r"多长时间|多久|多少时间|\bhow long\b",
    "<how many>": r"有多少|多少|\bhow (?:many|much)\b",
    "<who>": r"哪位|谁|\bwho\b",
    "<how>": r"怎么样|怎么|怎样|如何|咋样|咋|\bhow\b",
    "<if>": r"是不是|是否",
    "<what>": r"什么|啥|\bwhat\b",
}
KIND = re.compile("|".join(f"(?P<k{at}>{pattern})" for at, pattern in enumerate(KINDS.values())))
DEFINES = re.compile(
    r"^(?:<what>(?:是|叫)|何谓|<what>(?:\s+(?:is|are)|'s)\s|(?:解释|介绍|讲讲|说说|define|explain|describe)(?:一下)?\s*)(?P<thing>.+)$"
)
IS_WHAT = re.compile(r"^(?P<thing>.+?)(?:是<what>(?:意思)?|指的?是<what>|(?:的意思)是<what>)$")
PUNCTUATION = r",，.。?？:：;；、\"“”'‘’()（）《》「」【】`…~～—"
WORD = re.compile(rf"<[a-z ]+>|[a-z0-9]+(?:['’.+#-][a-z0-9]+)*[+#]*|[^\W_]|_+|\.(?=[a-z0-9])|[^\w\s{PUNCTUATION}]")
"""Words, letters, and every sign but punctuation: `a && b` is not `a || b`."""


def asks_the_same(one: str, other: str) -> bool:
    """True for two wordings of one question."""
    return sense_of(one) == sense_of(other)


def sense_of(question: str) -> tuple[str, ...]:
    """A question in the form that all its wordings have."""
    text = _without_end(ARTICLE.sub(" ", fold(question).strip()).lower())
    text = NOISE.sub(" ", LEAD.sub("", text)).strip()
    text = KIND.sub(lambda found: list(KINDS)[int((found.lastgroup or "k0")[1:])], text)
    defined = DEFINES.match(text) or IS_WHAT.match(text)
    if defined and "<" not in defined["thing"]:
        text = f"<define>{defined['thing']}"
    return tuple(stem(word) for word in WORD.findall(text))


def _without_end(text: str) -> str:
    """Without the signs at the end; `5!` is a number."""
    end = len(text)
    while end and (text[end - 1] in ENDS or text[end - 1].isspace() or (text[end - 1] == "!" and not _is_factorial(text, end))):
        end -= 1
    return text[:end]


def _is_factorial(text: str, end: int) -> bool:
    return bool(re.match("[0-9a-z]", text[max(0, end - 2) : end - 1]))
