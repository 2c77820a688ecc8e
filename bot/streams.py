"""A stream of answers that can be closed before its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from bot.types import Answer


def closable(answers: AsyncIterator[Answer]) -> AsyncGenerator[Answer, None]:
    """The stream itself if it is a generator, which holds a model's connection open until it is closed; else a copy."""
    return answers if isinstance(answers, AsyncGenerator) else _copied(answers)


async def _copied(answers: AsyncIterator[Answer]) -> AsyncGenerator[Answer, None]:
    async for answer in answers:
        yield answer
