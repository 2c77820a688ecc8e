"""The lines of an answer go in; they go out over the socket, as they should or as the script has them fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from tests.fakes.ollama.answers import Line, joined
from tests.fakes.ollama.received import Received
from tests.fakes.ollama.scripting import Reply, Trouble
from tests.fakes.ollama.validation import Refused

DIED = "an error was encountered while running the model: unexpected EOF"
PAGE = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends the answer to one request; `resumed` is waited for where the script says that nothing comes."""

    http: web.Request
    received: Received
    reply: Reply
    resumed: Callable[[], Awaitable[object]]

    async def stream(self, lines: Sequence[Line]) -> web.StreamResponse:
        """Line by line, the trouble after the pieces that the script lets through."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(self.http)
        for number, line in enumerate(lines):
            if number == min(self.reply.after, len(lines) - 1):
                last_words = await self._last_words(line)
                if last_words:
                    await response.write(last_words)
                if last_words is not None:
                    return response
            await response.write(as_json(line))
            self.received.note(line)
            await asyncio.sleep(0)
        return response

    async def whole(self, lines: Sequence[Line]) -> web.StreamResponse:
        """A chat in one piece."""
        for line in lines:
            self.received.note(line)
        return await self.one(joined(lines))

    async def one(self, answer: Line) -> web.StreamResponse:
        """One JSON object."""
        if self.reply.trouble is Trouble.ERROR_LINE:
            raise Refused(DIED, 500)
        last_words = await self._last_words(answer)
        return web.Response(body=as_json(answer) if last_words is None else last_words, content_type="application/json")

    async def _last_words(self, line: Line) -> bytes | None:
        """What is sent instead of `line` and everything after it; None when it goes on after all."""
        match self.reply.trouble:
            case Trouble.DEAD_AIR:
                await self.resumed()
            case Trouble.RESET:
                tear_down(self.http)
                return b""
            case Trouble.NO_DONE:
                return b""
            case Trouble.HALF_A_LINE:
                return as_json(line)[:20]
            case Trouble.ERROR_LINE:
                return as_json({"error": DIED})
            case Trouble.GARBAGE_LINE:
                return b"%%% no JSON %%%\n"
            case Trouble.ODD_LINE:
                return b'["none", "of", "Ollama\'s"]\n'
        return None


def instead(reply: Reply) -> web.Response | None:
    """The answer of a server that is broken altogether, or not Ollama."""
    if reply.instead is not None:
        return web.json_response(reply.instead)
    match reply.trouble:
        case Trouble.SERVER_ERROR:
            return web.json_response({"error": DIED}, status=500)
        case Trouble.BAD_GATEWAY:
            return web.Response(text=PAGE, status=502, content_type="text/html")
    return None


def tear_down(http: web.Request) -> None:
    if http.transport:
        http.transport.abort()


def as_json(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
