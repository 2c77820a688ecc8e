"""Load balancer: several servers of a model as one, least busy healthy server first, with a waiting line."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from bot.llm.types import ChatModel, Chunk, ModelUnavailable, TooBusy

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

log = logging.getLogger(__name__)

FIRST_REST_S, LONGEST_REST_S = 5.0, 120.0
"""How long a server that failed is left alone; twice as long after each further failure."""


@dataclass(slots=True, eq=False)
class _Server:
    model: ChatModel
    busy: int = 0
    failures: int = 0
    rests_until: float = 0.0


@dataclass(slots=True, eq=False)
class _Line:
    """Those who wait for a turn, first come first served."""

    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    taken: int = 0
    """Turns that are being used, or that were given to somebody who has not begun yet."""

    def leave(self, room: int) -> None:
        """One turn is over: let in so many that `room` are taken, and have the others look where they stand."""
        self.taken -= 1
        while self.waiting and self.taken < room:
            self.waiting.popleft().set_result(None)
            self.taken += 1
        self.tell()

    def give_up(self, turn: asyncio.Future[None]) -> None:
        """One does not wait any longer."""
        self.waiting.remove(turn)
        self.tell()

    def tell(self) -> None:
        self.moved.set()
        self.moved = asyncio.Event()


class ModelPool:
    """A `ChatModel` over several: `each` answers at once on every server, `queue` more waiting."""

    def __init__(
        self, models: Sequence[ChatModel], *, each: int = 4, queue: int = 50, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = models[0].name
        self._servers = [_Server(model) for model in models]
        self._each = each
        self._queue = queue
        self._clock = clock
        self._line = _Line()

    async def window(self) -> int:
        """The smallest of those that answer: a prompt must fit whoever takes it."""
        windows, problem = [], ModelUnavailable("no server")
        for server in self._healthy():
            try:
                windows.append(await server.model.window())
            except ModelUnavailable as error:
                self._failed(server, error)
                problem = error
        if not windows:
            raise problem
        return min(windows)

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        """The answer of the first server that gives one; once words were shown, a failure is final."""
        async with aclosing(self._wait_for_turn()) as places:
            async for place in places:
                yield place
        try:
            async with aclosing(self._stream(messages)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self._line.leave(self._room())

    async def warm_up(self) -> None:
        """Load the model everywhere; one that loads is enough."""
        results = await asyncio.gather(*(one.model.warm_up() for one in self._servers), return_exceptions=True)
        problems = [result for result in results if isinstance(result, BaseException)]
        for server, result in zip(self._servers, results, strict=True):
            if isinstance(result, ModelUnavailable):
                self._failed(server, result)
        if len(problems) == len(results):
            raise problems[0]

    async def close(self) -> None:
        for server in self._servers:
            await server.model.close()

    async def _stream(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[Chunk]:
        left, problem = self._healthy(), ModelUnavailable("no server")
        while left:
            server = min(left, key=lambda one: one.busy)
            left.remove(server)
            shown = False
            try:
                async with aclosing(self._ask(server, messages)) as pieces:
                    async for piece in pieces:
                        shown = shown or bool(piece.text)
                        yield piece
            except ModelUnavailable as error:
                self._failed(server, error)
                if shown:
                    raise
                problem = error
            else:
                server.failures, server.rests_until = 0, 0.0
                return
        raise problem

    async def _ask(self, server: _Server, messages: Sequence[BaseMessage]) -> AsyncGenerator[Chunk]:
        server.busy += 1
        try:
            async with aclosing(cast("AsyncGenerator[Chunk]", server.model.stream(messages))) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            server.busy -= 1

    async def _wait_for_turn(self) -> AsyncGenerator[Chunk]:
        """Pieces that say how many are still before this one."""
        line = self._line
        if line.taken < self._room() and not line.waiting:
            line.taken += 1
            return
        if len(line.waiting) >= self._queue:
            raise TooBusy(f"{len(line.waiting)} questions wait already")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append(turn)
        try:
            while not turn.done():
                moved = line.moved
                yield Chunk(waiting=line.waiting.index(turn) + 1)
                if not turn.done():
                    await moved.wait()
        except BaseException:
            if turn.done():
                line.leave(self._room())  # the turn came, and nobody is there to take it
            else:
                line.give_up(turn)
            raise

    def _room(self) -> int:
        return self._each * len(self._healthy())

    def _healthy(self) -> list[_Server]:
        """Those that do not rest; when all do, all, for one of them may be well again."""
        now = self._clock()
        return [server for server in self._servers if server.rests_until <= now] or list(self._servers)

    def _failed(self, server: _Server, error: ModelUnavailable) -> None:
        rest = min(LONGEST_REST_S, FIRST_REST_S * 2**server.failures)
        server.failures += 1
        server.rests_until = self._clock() + rest
        if len(self._servers) > 1:  # a lone server is asked at once; that it failed is said by whoever asked
            log.warning("%s: %s (asked again in %.0f s)", server.model.name, error, rest)
