"""Rate limits: a request goes in; headers, or the wait that Discord imposes, come out. Off unless a test turns them on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5

MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
"""The parts of a path that have buckets of their own."""
MESSAGES = "/channels/{channel_id}/messages"
USUAL: Mapping[str, tuple[int, float]] = {
    f"POST {MESSAGES}": (5, 5.0),
    f"PATCH {MESSAGES}/{{message_id}}": (5, 5.0),
    f"DELETE {MESSAGES}/{{message_id}}": (5, 1.0),
    f"PUT {MESSAGES}/{{message_id}}/reactions/{{emoji}}/@me": (1, 0.25),
    "POST /channels/{channel_id}/typing": (5, 5.0),
    "POST /webhooks/{webhook_id}/{webhook_token}": (5, 2.0),
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original": (5, 5.0),
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": (5, 5.0),
}
"""Requests and seconds of a route's bucket, as observed by libraries; Discord documents that they change. Others: 50 a second."""
OTHERS = (50, 1.0)
GLOBAL = (50, 1.0)


class TooMany(Exception):
    """A request over a limit: how long to wait, in seconds, and whether all requests have to."""

    def __init__(self, retry_after: float, *, everything: bool = False, headers: Mapping[str, str] | None = None) -> None:
        self.retry_after = retry_after
        self.everything = everything
        self.headers = dict(headers or {})
        super().__init__(f"wait {retry_after:.3f} s")


@dataclass(slots=True, kw_only=True)
class Limits:
    on: bool = False
    buckets: dict[str, tuple[int, float]] = field(default_factory=lambda: dict(USUAL))
    everything: tuple[int, float] = GLOBAL
    violations: list[str] = field(default_factory=list)
    """The routes that were answered 429, one for each time."""
    _taken: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, route: str, params: Mapping[str, str]) -> dict[str, str]:
        """Count a request and say which headers its answer has; interactions are not in the global limit. Raises `TooMany`."""
        if not self.on or "/callback" in route:
            return {}
        limit, seconds = self.buckets.get(route, OTHERS)
        key = ":".join([route, *(params[name] for name in MAJOR if name in params)])
        bucket = md5(route.encode(), usedforsecurity=False).hexdigest()
        if "{webhook_token}" not in route:
            self._take("everything", *self.everything, route=route, bucket="")
        left, reset = self._take(key, limit, seconds, route=route, bucket=bucket)
        return _headers(limit, left, reset, bucket)

    def _take(self, key: str, limit: int, seconds: float, *, route: str, bucket: str) -> tuple[int, float]:
        """How many are left and when the window ends, in seconds from now."""
        now = time.monotonic()
        taken = self._taken.setdefault(key, deque())
        if taken and now >= taken[0] + seconds:
            taken.clear()
        reset = (taken[0] if taken else now) + seconds - now
        if len(taken) >= limit:
            self.violations.append(route)
            raise TooMany(reset, everything=not bucket, headers=_headers(limit, 0, reset, bucket) if bucket else {})
        taken.append(now)
        return limit - len(taken), reset


def _headers(limit: int, left: int, reset: float, bucket: str) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{time.time() + reset:.3f}",
        "X-RateLimit-Reset-After": f"{reset:.3f}",
        "X-RateLimit-Bucket": bucket,
    }
