"""Questions that are being answered, by the message that each of them is: who edits the message means that question."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.storage import Event
from bot.types import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningQuestion:
    """A question that is being answered, or waits for its turn."""

    key: str
    """Of its event."""
    place: Place
    """Where its answer is to be seen."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class RunningQuestions:
    """Those of one run."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], RunningQuestion] = {}

    def about(self, event: Event) -> RunningQuestion | None:
        """The question that the event's message is."""
        return self._asked.get((event.chat, event.message))

    @contextmanager
    def asked(self, event: Event, place: Place) -> Iterator[None]:
        """While it is being answered."""
        mine = self._asked[event.chat, event.message] = RunningQuestion(key=event.key, place=place)
        try:
            yield
        finally:
            mine.ended.set()
            if self.about(event) is mine:
                del self._asked[event.chat, event.message]
