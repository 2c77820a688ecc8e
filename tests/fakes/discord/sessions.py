"""One session of a bot at the gateway, and the websocket that carries it for the time being."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

Frame = str


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """A websocket; what is sent is queued, so that telling an event never waits."""

    socket: web.WebSocketResponse
    squeeze: Callable[[str], bytes] | None
    queue: asyncio.Queue[Frame] = field(default_factory=asyncio.Queue)
    session: Session | None = None
    muted: Callable[[], bool]
    """Whether nothing is to be sent, as on a dead connection."""
    sent: deque[float] = field(default_factory=deque)
    """When the client sent frames, for the last minute."""
    deadline: asyncio.TimerHandle | None = None
    """When the next heartbeat is overdue."""
    closing: bool = False
    farewell: asyncio.Task[bool] | None = None

    def send(self, message: dict[str, Any]) -> None:
        self.queue.put_nowait(json.dumps(message, ensure_ascii=False))

    async def write(self) -> None:
        while True:
            frame = await self.queue.get()
            if self.muted():
                continue
            try:
                if self.squeeze:
                    await self.socket.send_bytes(self.squeeze(frame))
                else:
                    await self.socket.send_str(frame)
            except ConnectionError:
                return

    def counted(self) -> int:
        """Count a frame of the client; how many there were in the last minute."""
        now = time.monotonic()
        self.sent.append(now)
        while self.sent[0] < now - 60:
            self.sent.popleft()
        return len(self.sent)

    def expect_beat(self, interval: float) -> None:
        """Close the connection if no heartbeat comes in time; a client gets half an interval of grace."""
        self.stop_expecting()
        self.deadline = asyncio.get_running_loop().call_later(interval * 1.5, self._overdue, interval)

    def _overdue(self, interval: float) -> None:
        """A dead connection does not notice anything, so the client has to."""
        if self.muted():
            self.expect_beat(interval)
        else:
            self.drop(4009)

    def stop_expecting(self) -> None:
        if self.deadline:
            self.deadline.cancel()

    def drop(self, code: int) -> None:
        """Close with this code, or, when it is 0, tear the connection down without a word."""
        self.closing = True
        if code:
            self.farewell = asyncio.create_task(self.socket.close(code=code))
        elif self.socket._req and self.socket._req.transport:
            self.socket._req.transport.abort()


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """A session keeps every event, so that a client that resumes misses none."""

    intents: int
    shard: int
    shards: int
    connection: Connection | None = None
    id: str = field(default_factory=lambda: uuid4().hex)
    seq: int = 0
    frames: list[tuple[int, Frame]] = field(default_factory=list)

    def tell(self, name: str, body: dict[str, Any]) -> None:
        self.seq += 1
        frame = json.dumps({"op": 0, "t": name, "s": self.seq, "d": body}, ensure_ascii=False)
        self.frames.append((self.seq, frame))
        if self.connection:
            self.connection.queue.put_nowait(frame)
