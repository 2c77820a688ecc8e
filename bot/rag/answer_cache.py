"""Answer cache: reuses an answer, to the same question or one worded differently, while all that it depends on is unchanged."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.rag.output_guard import defused
from bot.rag.prompt_builder import unnumbered
from bot.types import Answer
from knowledge.text import fold, stem

if TYPE_CHECKING:
    from knowledge.vectors import Vector

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


def forget_words() -> None:
    """To be called when something was forgotten: words of it may have been kept since they were last in a prompt.

    Nobody is told of these caches, because their functions know nothing but the words they are given; but what is forgotten
    is to be gone from memory too, as far as this program holds it. Passages of the notes may stay.
    """
    for cached in (defused, unnumbered):
        cached.cache_clear()


NEAR = 0.95
"""The cosine of two questions that may be one; they must be one in words too, see `likeness`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """Everything that an answer depends on. `place` is empty when nothing that was said anywhere is in the prompt."""

    question: str
    index: str
    prompts: int
    model: str
    language: str
    length: str
    place: str = ""

    @classmethod
    def of(cls, question: str, **rest: object) -> CacheKey:
        """The same question in another width, case or spacing is the same."""
        return cls(question="".join(fold(question).lower().split()).rstrip("?？。.!！"), **rest)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuestionVector:
    """How a question was put. What was asked in one place is never the near-duplicate of what is asked in another: the rest of
    its words, which an answer may take up, are that place's own.
    """

    text: str
    place: str
    vector: Vector

    def is_like(self, other: QuestionVector) -> bool:
        return self.place == other.place and _cosine(self.vector, other.vector) >= NEAR and asks_the_same(self.text, other.text)


class AnswerCache:
    """The latest `size` answers of a model; a changed index makes all before it useless, and they go."""

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._answers: OrderedDict[CacheKey, tuple[Answer, QuestionVector | None]] = OrderedDict()
        self._index = ""

    def get(self, asked: CacheKey, wording: QuestionVector | None = None) -> Answer | None:
        """The answer to the same question, or, where it is known how it is worded, to a near-duplicate of it."""
        self._only_of(asked.index)
        found = asked if asked in self._answers else self._near(asked, wording)
        if found is None:
            return None
        self._answers.move_to_end(found)
        return self._answers[found][0]

    def put(self, asked: CacheKey, answer: Answer, wording: QuestionVector | None = None) -> None:
        self._only_of(asked.index)
        self._answers[asked] = answer, wording
        while len(self._answers) > self._size:
            self._answers.popitem(last=False)

    def clear(self) -> None:
        """Drop everything: something that an answer may rest on was forgotten."""
        self._answers.clear()

    def _near(self, asked: CacheKey, wording: QuestionVector | None) -> CacheKey | None:
        if wording is None:
            return None
        for other, (_, known) in self._answers.items():
            if known and replace(other, question=asked.question) == asked and wording.is_like(known):
                return other
        return None

    def _only_of(self, index: str) -> None:
        if index != self._index:
            self._answers.clear()
            self._index = index


def _cosine(one: Vector, other: Vector) -> float:
    """0 for vectors of different models."""
    if one.shape != other.shape:
        return 0.0
    size = float((one @ one) * (other @ other)) ** 0.5
    return float(one @ other) / size if size else 0.0
