"""Questions being answered, in the order of each channel; an edited message finds its running question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from bot.storage import Event
from bot.types import Place


class ChannelQueue:
    """What is looked up before a question is asked takes now longer, now shorter; until it is asked, the next one waits."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, place: str) -> AsyncIterator[Callable[[], None]]:
        """Wait for those before; call what this gives to let the next one come, which the end does too."""
        lock = self._locks.setdefault(place, asyncio.Lock())
        await lock.acquire()
        held = True

        def let_go() -> None:
            nonlocal held
            if held:
                held = False
                lock.release()

        try:
            yield let_go
        finally:
            let_go()


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
