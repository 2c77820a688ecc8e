"""Telegram's errors as our few kinds of failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from telegram.error import BadRequest, Forbidden, RetryAfter

from bot.platforms.protocol import ChatClosed, ChatUnreachable


class Gone(Exception):
    """The message that was to be changed cannot be."""


class Refused(Exception):
    """The request itself is wrong in Telegram's eyes: its formatting, most likely."""


UNREACHABLE = ("not enough rights", "have no rights", "topic_closed", "chat_write_forbidden", "chat_restricted")
CLOSED = (
    "chat not found",
    "topic_deleted",
    "user is deactivated",
    "group chat was deactivated",
    "message thread not found",
    "peer_id_invalid",
    "user_is_blocked",
)
GONE = (
    "message to edit not found",
    "message can't be edited",
    "message identifier is not specified",
    "there is no text in the message to edit",
    "message_id_invalid",
    "message to delete not found",
    "message can't be deleted",
)
UNCHANGED = "message is not modified"


@contextmanager
def translated() -> Iterator[None]:
    """Refusals become ours; an edit that would change nothing is no refusal. What may pass by itself is left as it is."""
    try:
        yield
    except Forbidden as error:
        raise ChatClosed(error.message) from error
    except BadRequest as error:
        said = error.message.lower()
        if UNCHANGED in said:
            return
        if any(words in said for words in CLOSED):
            raise ChatClosed(error.message) from error
        if any(words in said for words in UNREACHABLE):
            raise ChatUnreachable(error.message) from error
        if any(words in said for words in GONE):
            raise Gone(error.message) from error
        raise Refused(error.message) from error


def seconds_of(error: RetryAfter) -> float:
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)
