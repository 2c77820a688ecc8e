"""The process around a command: SIGTERM and Ctrl-C as events, log lines without tokens."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

from bot.markup import printable
from bot.settings import scrub

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


class Scrubbing(logging.Filter):
    """Takes tokens out of a record's words and traceback: httpx logs addresses, and Telegram's hold the token."""

    _words = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._words.formatException(record.exc_info)
        record.exc_text = scrub(record.exc_text) if record.exc_text else record.exc_text
        record.stack_info = scrub(record.stack_info) if record.stack_info else record.stack_info
        return True


def keep_tokens_out() -> None:
    """From now on, nothing that is logged and no traceback that ends the program shows a token."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(one, Scrubbing) for one in handler.filters):
            handler.addFilter(Scrubbing())
    sys.excepthook = _print_scrubbed


def _print_scrubbed(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    print(printable(scrub("".join(traceback.format_exception(kind, error, where)))), file=sys.stderr, end="")
