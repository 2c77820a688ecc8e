"""How fast a model reads is learned from what its server counts."""

from __future__ import annotations

from bot.llm import ReadingSpeed
from bot.llm.speed import ASSUMED, LEAST


def test_a_fast_server_is_given_more_to_read_and_a_slow_one_less() -> None:
    fast, slow, new = ReadingSpeed(), ReadingSpeed(), ReadingSpeed()
    for _ in range(5):
        fast.learn(2000, 0.5)
        slow.learn(2000, 40)
    assert slow.budget(10) < new.budget(10) < fast.budget(10)


def test_what_the_server_still_knew_teaches_nothing() -> None:
    speed = ReadingSpeed()
    speed.learn(2000, 0.01)
    speed.learn(0, 3)
    assert speed.tokens_a_second == ASSUMED


def test_something_is_read_however_slow_it_is_and_anything_when_there_is_no_limit() -> None:
    speed = ReadingSpeed()
    speed.learn(10, 100)
    assert speed.budget(1) == LEAST
    assert speed.budget(0) == 0
