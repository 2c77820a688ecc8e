"""OpenAI's `/v1/chat/completions` on a loopback socket, as strict as servers are that speak it, scripted by the test."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from aiohttp import web

PATH = "/v1/chat/completions"
FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "model": str,
    "messages": list,
    "stream": bool,
    "stream_options": dict,
    "temperature": (int, float),
    "max_tokens": int,
}
ROLES = ("system", "user", "assistant")


class Fault(StrEnum):
    """What goes wrong, after the pieces."""

    SILENCE = "nothing comes until the client leaves"
    RESET = "the connection is torn down"
    GARBAGE = "an event that is no JSON"
    ODD = "an event that is JSON, but none of this API's"
    SERVER_ERROR = "500 with an error object"
    PAGE = "502 with a web page"
    NOT_FOUND = "404, as for a model that is not there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One scripted answer, piece by piece."""

    pieces: Sequence[str] = ("好", "的。")
    fault: Fault | None = None
    counted: tuple[int, int] | None = (11, 2)
    """Tokens of prompt and answer, sent last when the request asks for them; None for a server that never tells."""


class FakeOpenAI:
    """Runs in the event loop of the test."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.hung_up = asyncio.Event()
        self._script: deque[Said] = deque()
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def says(self, *answers: Said) -> None:
        """Answer the next requests so."""
        self._script.extend(answers)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.post(PATH, self._complete)])
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _complete(self, http: web.Request) -> web.StreamResponse:
        body = await http.json()
        self.bodies.append(body)
        self.keys.append(http.headers.get("Authorization", ""))
        if wrong := _what_is_wrong(body):
            return web.json_response({"error": {"message": wrong, "type": "invalid_request_error"}}, status=400)
        said = self._script.popleft() if self._script else Said()
        try:
            return _instead(said) or await self._stream(http, body, said)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up.set()
            raise

    async def _stream(self, http: web.Request, body: Mapping[str, Any], said: Said) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(http)
        for piece in said.pieces:
            await response.write(_event(body, choices=[{"index": 0, "delta": {"content": piece}, "finish_reason": None}]))
        match said.fault:
            case Fault.SILENCE:
                await asyncio.Event().wait()
            case Fault.RESET:
                assert http.transport
                http.transport.abort()
                return response
            case Fault.GARBAGE:
                await response.write(b"data: %%% no JSON %%%\n\n")
            case Fault.ODD:
                await response.write(b'data: ["none"]\n\n')
        await response.write(_event(body, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        if said.counted and body.get("stream_options", {}).get("include_usage"):
            prompt, answer = said.counted
            usage = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
            await response.write(_event(body, choices=[], usage=usage))
        await response.write(b"data: [DONE]\n\n")
        return response


def _what_is_wrong(body: Mapping[str, Any]) -> str:
    for name, value in body.items():
        if name not in FIELDS:
            return f"unknown field {name!r}"
        if not isinstance(value, FIELDS[name]):
            return f"{name} is of another kind"
    for message in body["messages"]:
        if set(message) != {"role", "content"} or message["role"] not in ROLES or not isinstance(message["content"], str):
            return f"not a message: {message!r}"
    return "" if body.get("stream") else "this server streams only"


def _instead(said: Said) -> web.Response | None:
    error = {"error": {"message": "it broke", "type": "server_error"}}
    match said.fault:
        case Fault.SERVER_ERROR:
            return web.json_response(error, status=500)
        case Fault.NOT_FOUND:
            return web.json_response(error, status=404)
        case Fault.PAGE:
            return web.Response(text="<html><h1>502 Bad Gateway</h1></html>", status=502, content_type="text/html")
    return None


def _event(body: Mapping[str, Any], **rest: object) -> bytes:
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": body["model"], **rest}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
