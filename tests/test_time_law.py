"""The one test that looks at a clock: whatever somebody writes, reading it takes time that grows with its length.

It takes the time of the process, not of the wall, and looks at small texts first; `tests/benchmarks/time_law.py` holds the table
of what is tried, and measures all of it at full length.
"""

from __future__ import annotations

from tests.benchmarks.time_law import RUNS_ON, TEXTS, screened, untaught, warm_up


def test_every_public_function_that_reads_text_is_taught_to_the_time_law() -> None:
    """A new one says in `FILLED` what it takes, or in `LEFT_OUT` why the law is not for it."""
    assert untaught() == []


def test_the_time_of_reading_grows_with_the_text_and_no_faster() -> None:
    warm_up()
    broken = {name: [found for text in TEXTS if (found := screened(bind, text))] for name, bind in RUNS_ON.items()}
    assert {name: found for name, found in broken.items() if found} == {}
