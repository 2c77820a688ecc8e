"""Wrappers around token streams: time limits per chunk, `<think>` removed, closable before the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

from bot.types import Answer

if TYPE_CHECKING:
    from bot.settings import ModelSettings as ModelSettings

T = TypeVar("T")


async def in_time(stream: AsyncGenerator[T], settings: ModelSettings) -> AsyncGenerator[T]:
    """The items of `stream`: the first within `first_token_s`, each further one within `silence_s`, all within `total_s`.

    Raises:
        TimeoutError: one did not; the stream is closed, and with it the connection.
    """
    end, limit = time.monotonic() + settings.total_s, settings.first_token_s
    async with aclosing(stream):
        while True:
            try:
                async with asyncio.timeout(min(limit, end - time.monotonic())):
                    item = await anext(stream)
            except StopAsyncIteration:
                return
            limit = settings.silence_s
            yield item


OPEN, CLOSE = "<think>", "</think>"


class ReasoningFilter:
    """Hides the thoughts of models whose server does not part them from the answer; tags may be split over pieces."""

    def __init__(self) -> None:
        self.going_on = False
        self._just_ended = False
        self._held = ""

    def without(self, words: str) -> str:
        """What may be shown of the stream now."""
        self._held += words
        shown = ""
        while True:
            mark = CLOSE if self.going_on else OPEN
            before, found, after = self._held.partition(mark)
            if not found:
                break
            shown += "" if self.going_on else self._fresh(before)
            self.going_on = not self.going_on
            self._just_ended = not self.going_on
            self._held = after
        kept = _beginning_of(mark, self._held)
        if not self.going_on:
            shown += self._fresh(self._held[: len(self._held) - kept])
        self._held = self._held[len(self._held) - kept :]
        return shown

    def rest(self) -> str:
        """What was held back because a tag might have begun there, once the stream is over."""
        rest, self._held = ("" if self.going_on else self._held), ""
        return self._fresh(rest)

    def _fresh(self, words: str) -> str:
        """`words` without the line ends that part them from a thought."""
        if self._just_ended:
            words = words.lstrip("\n")
            self._just_ended = not words
        return words


def _beginning_of(mark: str, text: str) -> int:
    """How many characters at the end of `text` may be the beginning of `mark`."""
    return next((size for size in range(min(len(mark) - 1, len(text)), 0, -1) if text.endswith(mark[:size])), 0)


def closable(answers: AsyncIterator[Answer]) -> AsyncGenerator[Answer, None]:
    """The stream itself if it is a generator, which holds a model's connection open until it is closed; else a copy."""
    return answers if isinstance(answers, AsyncGenerator) else _copied(answers)


async def _copied(answers: AsyncIterator[Answer]) -> AsyncGenerator[Answer, None]:
    async for answer in answers:
        yield answer
