"""Embedding models for tests: one that knows a few meanings and counts its work, and one that can be out of order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from knowledge.vectors import EmbeddingFailed

TOPICS = (
    ("象棋", "棋手", "chess", "knight"),
    ("天气", "下雨", "weather", "cloud"),
    ("音乐", "小提琴", "music", "violin"),
    ("做饭", "煮汤", "cooking", "soup"),
)


class TopicEmbedder:
    """Finds what is about the same thing though no word is shared; `embedded` is what it was given to embed."""

    share = 1.0
    finds_meaning = True

    def __init__(self, name: str = "topics-v1") -> None:
        self.name = name
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[npt.NDArray[np.float32]]:
        self.embedded += texts
        return [topics_in(text) for text in texts]

    def embed_question(self, question: str) -> npt.NDArray[np.float32]:
        return topics_in(question)


class FailingEmbedder(TopicEmbedder):
    """Works for `batches` batches of passages, then never again until `mend`."""

    def __init__(self, batches: int = 0) -> None:
        super().__init__()
        self._batches = batches

    def mend(self) -> None:
        self._batches = 1_000_000

    def embed(self, texts: Sequence[str]) -> list[npt.NDArray[np.float32]]:
        if not self._batches:
            raise EmbeddingFailed("the model is out of order")
        self._batches -= 1
        return super().embed(texts)

    def embed_question(self, question: str) -> npt.NDArray[np.float32]:
        if not self._batches:
            raise EmbeddingFailed("the model is out of order")
        return super().embed_question(question)


def topics_in(text: str) -> npt.NDArray[np.float32]:
    """How often each topic is named; a little of everything, so that no vector is zero."""
    words = text.lower()
    return np.array([0.01 + sum(words.count(word) for word in topic) for topic in TOPICS], np.float32)
