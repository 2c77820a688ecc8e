"""What an answer depends on goes in; the answer that was given for it before comes out, if nothing of that has changed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bot.messages import Answer
from knowledge.lexicon import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Everything that an answer depends on. `place` is empty when nothing that was said anywhere is in the prompt."""

    question: str
    index: str
    prompts: int
    model: str
    language: str
    length: str
    place: str = ""

    @classmethod
    def of(cls, question: str, **rest: object) -> Asked:
        """The same question in another width, case or spacing is the same."""
        return cls(question="".join(fold(question).lower().split()).rstrip("?？。.!！"), **rest)  # type: ignore[arg-type]


class AnswerCache:
    """The latest `size` answers of a model; a changed index makes all before it useless, and they go."""

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._answers: OrderedDict[Asked, Answer] = OrderedDict()
        self._index = ""

    def get(self, asked: Asked) -> Answer | None:
        self._only_of(asked.index)
        if asked in self._answers:
            self._answers.move_to_end(asked)
        return self._answers.get(asked)

    def put(self, asked: Asked, answer: Answer) -> None:
        self._only_of(asked.index)
        self._answers[asked] = answer
        while len(self._answers) > self._size:
            self._answers.popitem(last=False)

    def clear(self) -> None:
        """Drop everything: something that an answer may rest on was forgotten."""
        self._answers.clear()

    def _only_of(self, index: str) -> None:
        if index != self._index:
            self._answers.clear()
            self._index = index
