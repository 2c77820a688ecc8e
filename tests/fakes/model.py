"""A chat model in memory: pieces go in when it is made, and come out when it is asked; it remembers what it was told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from bot.llm import Chunk, ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


class ScriptedModel:
    """A `ChatModel`; `fails` is raised after the pieces."""

    def __init__(self, *pieces: str, fails: str = "", window: int = 8192, name: str = "scripted") -> None:
        self.name = name
        self.told: list[list[BaseMessage]] = []
        self.stopped = False
        """True once its stream is closed, whether read to the end or not."""
        self._pieces = pieces
        self._fails = fails
        self._window = window

    async def window(self) -> int:
        return self._window

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        self.told.append(list(messages))
        try:
            for piece in self._pieces:
                yield Chunk(text=piece)
            if self._fails:
                raise ModelUnavailable(self._fails)
        finally:
            self.stopped = True

    async def warm_up(self) -> None:
        """There is nothing to load."""

    async def close(self) -> None:
        """There is nothing to give back."""
