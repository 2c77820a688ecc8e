"""SIGTERM and Ctrl-C become events: the first asks the program to end, the second to hurry."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What was asked for so far."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def one_more(self) -> None:
        (self.hurry if self.stop.is_set() else self.stop).set()


@contextmanager
def stop_on_signals() -> Iterator[Signals]:
    """Inside the block the signals set events and end nothing by themselves."""
    signals, loop = Signals(), asyncio.get_running_loop()
    try:
        for number in SIGNALS:
            loop.add_signal_handler(number, signals.one_more)
    except NotImplementedError:  # Windows: Python's own handlers, which run between two steps of the loop
        for number in SIGNALS:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(signals.one_more))
        yield signals
        return
    try:
        yield signals
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
