from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from bot.llm.streams import in_time
from bot.settings import ModelSettings

LONG = 30.0


class Stream:
    """Items after pauses (seconds); knows whether it was closed."""

    def __init__(self, pauses: Sequence[float]) -> None:
        self._pauses = pauses
        self.closed = False

    async def items(self) -> AsyncGenerator[int]:
        try:
            for number, pause in enumerate(self._pauses):
                await asyncio.sleep(pause)
                yield number
        finally:
            self.closed = True


def limits(**seconds: float) -> ModelSettings:
    return ModelSettings(**{"first_token_s": LONG, "silence_s": LONG, "total_s": LONG, **seconds})  # type: ignore[arg-type]


async def test_what_comes_in_time_comes_through() -> None:
    stream = Stream([0, 0.01, 0])
    assert [item async for item in in_time(stream.items(), limits())] == [0, 1, 2]
    assert stream.closed


@pytest.mark.parametrize(
    ("pauses", "limit", "before"),
    [
        ([LONG], {"first_token_s": 0.05}, []),
        ([0, LONG], {"silence_s": 0.05}, [0]),
        ([0.0] + [0.02] * 500, {"total_s": 0.2}, None),
        ([LONG], {"total_s": 0.05}, []),
    ],
)
async def test_each_limit_ends_the_stream_and_closes_it(
    pauses: list[float], limit: dict[str, float], before: list[int] | None
) -> None:
    stream, seen = Stream(pauses), []
    with pytest.raises(TimeoutError):
        async for item in in_time(stream.items(), limits(**limit)):
            seen.append(item)
    assert stream.closed
    assert before is None or seen == before


async def test_the_first_limit_is_for_the_first_item_and_the_second_for_the_others() -> None:
    stream = Stream([0.1, 0])
    assert [item async for item in in_time(stream.items(), limits(silence_s=0.05))] == [0, 1]


async def test_the_time_that_the_reader_takes_is_no_silence() -> None:
    seen = []
    async for item in in_time(Stream([0, 0, 0]).items(), limits(silence_s=0.05)):
        seen.append(item)
        await asyncio.sleep(0.1)
    assert seen == [0, 1, 2]


async def test_who_leaves_closes_the_stream() -> None:
    stream = Stream([0, LONG])
    items = in_time(stream.items(), limits())
    assert await anext(items) == 0
    await items.aclose()
    assert stream.closed
