"""Log lines and tracebacks go in; the same without anything that looks like a token comes out."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

from bot.settings import scrub


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
    print(scrub("".join(traceback.format_exception(kind, error, where))), file=sys.stderr, end="")
