"""What the bot is to hear about: updates wait here until it has confirmed them, up to 24 hours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.refusals import OTHER_POLLER, bad, conflict

DAY = 24 * 3600.0
KINDS = (
    *("message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "poll", "poll_answer"),
    *("my_chat_member", "chat_member", "message_reaction", "message_reaction_count"),
)
ONLY_IF_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update; updates of the same `chat` reach a webhook one after the other."""

    id: int
    kind: str
    body: dict[str, Any]
    chat: int
    at: float

    def json(self) -> dict[str, Any]:
        return {"update_id": self.id, self.kind: self.body}


class Updates:
    """The queue, and the long poll that may be waiting at its end."""

    def __init__(self, clock: Clock, *, first: int = 500_000_001) -> None:
        self.allowed: tuple[str, ...] = ()
        """Empty is every kind but `ONLY_IF_ASKED`, as on the server."""
        self.made: list[Update] = []
        """Every update there ever was."""
        self.on_new: list[Callable[[], None]] = []
        self._clock = clock
        self._next = first
        self._pending: list[Update] = []
        self._poller: asyncio.Future[bool] | None = None

    @property
    def pending(self) -> list[Update]:
        """Not confirmed yet, oldest first."""
        self._pending = [update for update in self._pending if update.at > self._clock.now() - DAY]
        return list(self._pending)

    @property
    def polled(self) -> bool:
        """Whether a long poll is waiting."""
        return self._poller is not None and not self._poller.done()

    def wanted(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in ONLY_IF_ASKED

    def subscribe(self, kinds: object) -> None:
        """As `allowed_updates` says; None changes nothing."""
        if kinds is None:
            return
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise bad("can't parse allowed_updates JSON array")
        self.allowed = tuple(kinds)

    def add(self, kind: str, body: dict[str, Any], *, chat: int) -> None:
        """Put an update into the queue, unless the bot does not want its kind."""
        if not self.wanted(kind):
            return
        update = Update(id=self._next, kind=kind, body=body, chat=chat, at=self._clock.now())
        self._next += 1
        self._pending.append(update)
        self.made.append(update)
        self._wake(heard=True)
        for tell in self.on_new:
            tell()

    def forget(self, ids: Collection[int]) -> None:
        self._pending = [update for update in self._pending if update.id not in ids]

    def clear(self) -> None:
        self._pending = []

    def confirm(self, offset: int) -> None:
        """Forget what is below the offset; a negative one keeps so many of the newest."""
        if offset < 0:
            self._pending = self._pending[offset:]
        else:
            self._pending = [update for update in self._pending if update.id >= offset]

    async def poll(self, *, offset: int, limit: int, timeout: float) -> Sequence[Update]:
        """What waits from the offset on, or what comes within the seconds. Another poll ends this one with 409."""
        self._wake(heard=False)
        self.confirm(offset)
        if not self.pending and timeout > 0:
            mine = self._poller = asyncio.get_running_loop().create_future()
            try:
                heard = await asyncio.wait_for(mine, timeout)
            except TimeoutError:
                heard = True
            finally:
                if self._poller is mine:
                    self._poller = None
            if not heard:
                raise conflict(OTHER_POLLER)
        return self.pending[:limit]

    def _wake(self, *, heard: bool) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(heard)
