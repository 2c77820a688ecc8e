"""Answer cache: reuses an answer while everything that it depends on is unchanged; forgotten text leaves every cache."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.rag.output_guard import defused
from bot.rag.paraphrase import asks_the_same
from bot.rag.prompt_builder import unnumbered
from bot.types import Answer
from knowledge.text import fold

if TYPE_CHECKING:
    from knowledge.vectors import Vector


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
