"""Waits grow up to a limit, differ by chance, and begin anew when it went well."""

from __future__ import annotations

import asyncio

from bot.backoff import Backoff, pause


def test_waits_double_up_to_the_longest_and_never_end() -> None:
    backoff = Backoff(first=1, longest=8, chance=lambda: 1.0, clock=lambda: 0.0)
    assert [backoff.delay() for _ in range(6)] == [1, 2, 4, 8, 8, 8]


def test_chance_makes_a_wait_shorter_by_up_to_a_half() -> None:
    backoff = Backoff(first=8, longest=8, chance=lambda: 0.0)
    assert backoff.delay() == 4


def test_after_success_or_a_long_time_without_a_failure_the_next_wait_is_short() -> None:
    now = [0.0]
    backoff = Backoff(first=1, longest=8, chance=lambda: 1.0, clock=lambda: now[0])
    assert [backoff.delay() for _ in range(3)] == [1, 2, 4]
    backoff.reset()
    assert [backoff.delay() for _ in range(3)] == [1, 2, 4]
    now[0] = 4 + 16
    assert backoff.delay() == 8
    now[0] += 8 + 17
    assert backoff.delay() == 1


async def test_a_pause_ends_when_the_program_is_to_stop() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, stop.set)
    async with asyncio.timeout(5):
        await pause(stop, 500)
        await pause(stop, 500)
