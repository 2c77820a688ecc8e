"""What the server says no with: a code, Telegram's own words, and sometimes parameters."""

from __future__ import annotations

from collections.abc import Mapping

ONLY_HERE = "(the real server would not say so)"
"""Ends every refusal that is this fake's own: the real server would drop, mend or ignore what was sent without a word."""
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
UPGRADED = "group chat was upgraded to a supergroup chat"


class Refused(Exception):
    """The request is answered with `{"ok": false}`, this code and this description."""

    def __init__(self, description: str, *, code: int = 400, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(description)
        self.description = description
        self.code = code
        self.parameters = dict(parameters or {})


def bad(words: str) -> Refused:
    return Refused(f"Bad Request: {words}")


def stricter(words: str) -> Refused:
    return Refused(f"Bad Request: {words} {ONLY_HERE}")


def forbidden(words: str) -> Refused:
    return Refused(f"Forbidden: {words}", code=403)


def conflict(words: str) -> Refused:
    return Refused(f"Conflict: {words}", code=409)


def flooded(seconds: int) -> Refused:
    return Refused(f"Too Many Requests: retry after {seconds}", code=429, parameters={"retry_after": seconds})


def upgraded(new: int) -> Refused:
    return Refused(f"Bad Request: {UPGRADED}", parameters={"migrate_to_chat_id": new})
