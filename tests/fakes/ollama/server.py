"""The server: requests come in over a socket, are recorded and checked, and get the scripted answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.fakes.ollama.answers import TOO_LONG, chat_lines, embedded, loaded, thinks
from tests.fakes.ollama.models import BGE, LLAMA, QWEN, FakeModel, find
from tests.fakes.ollama.prompts import count, fitting
from tests.fakes.ollama.received import Received
from tests.fakes.ollama.scripting import Reply, Trouble
from tests.fakes.ollama.sending import Sender, instead
from tests.fakes.ollama.validation import (
    CHAT_FIELDS,
    EMBED_FIELDS,
    SHOW_FIELDS,
    Fields,
    Refused,
    checked_messages,
    parsed,
    seconds_of,
)

CHAT, EMBED, SHOW, TAGS, PS, VERSION = "/api/chat", "/api/embed", "/api/show", "/api/tags", "/api/ps", "/api/version"
DEFAULT_WINDOW = 4096
Serve = Callable[[Sender], Awaitable[web.StreamResponse]]


class FakeOllama:
    """See the package. Runs in the event loop of the test; blocking clients belong in `asyncio.to_thread`."""

    def __init__(self, *, models: Sequence[FakeModel] = (QWEN, LLAMA, BGE)) -> None:
        self.models = tuple(models)
        self.received: list[Received] = []
        self._always: dict[str, Reply] = {}
        self._once: defaultdict[str, deque[Reply]] = defaultdict(deque)
        self._running: dict[str, int] = {}
        self._arrived = asyncio.Condition()
        self._resumed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    # For tests

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def chats(self) -> list[Received]:
        return self.at(CHAT)

    @property
    def embeds(self) -> list[Received]:
        return self.at(EMBED)

    def at(self, path: str) -> list[Received]:
        """The requests to this path, in order."""
        return [received for received in self.received if received.path == path]

    def always(self, reply: Reply | str, *, to: str = CHAT) -> None:
        """Answer every request to this path so, from now on."""
        self._always[to] = Reply(text=reply) if isinstance(reply, str) else reply

    def once(self, reply: Reply | str, *, to: str = CHAT) -> None:
        """Answer one request to this path so; several are queued."""
        self._once[to].append(Reply(text=reply) if isinstance(reply, str) else reply)

    async def wait_for(self, path: str = CHAT, *, number: int = 1) -> Received:
        """The request to this path with this number, counted from 1, as soon as it is here."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.at(path)) >= number)
        return self.at(path)[number - 1]

    def resume(self) -> None:
        """Let everything go on that `LOADING` or `DEAD_AIR` holds up, now and later."""
        self._resumed.set()

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application()
        app.add_routes([web.get("/", _is_running), *self._routes()])
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Refuse every connection from now on; `url` stays what it was."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    # One request

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.post(CHAT, self._route(self._chat, CHAT_FIELDS)),
            web.post(EMBED, self._route(self._embed, EMBED_FIELDS)),
            web.post(SHOW, self._route(self._show, SHOW_FIELDS)),
            web.get(TAGS, self._route(self._tags)),
            web.get(PS, self._route(self._ps)),
            web.get(VERSION, self._route(self._version)),
        ]

    def _route(self, serve: Serve, fields: Fields | None = None) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(http: web.Request) -> web.StreamResponse:
            received = Received(method=http.method, path=http.path, headers=dict(http.headers))
            try:
                response = await self._answer(http, received, serve, fields)
            except Refused as refused:
                response = web.json_response({"error": refused.message}, status=refused.status)
            except (asyncio.CancelledError, ConnectionError):
                received.hung_up.set()
                raise
            received.status = response.status
            return response

        return handle

    async def _answer(self, http: web.Request, received: Received, serve: Serve, fields: Fields | None) -> web.StreamResponse:
        data = await http.read()
        try:
            received.body = parsed(data, fields) if fields else {}
        finally:
            await self._record(received)
        queued = self._once[http.path]
        reply = queued.popleft() if queued else self._always.get(http.path, Reply())
        if reply.trouble is Trouble.LOADING:
            await self._resumed.wait()
        sender = Sender(http=http, received=received, reply=reply, resumed=self._resumed.wait)
        return instead(reply) or await serve(sender)

    async def _record(self, received: Received) -> None:
        async with self._arrived:
            self.received.append(received)
            self._arrived.notify_all()

    def _model(self, received: Received) -> FakeModel:
        name = received.body.get("model") or received.body.get("name", "")
        if not name:
            raise Refused("model is required")
        model = find(self.models, name)
        if model is None:
            raise Refused(f"model '{name}' not found", 404)
        return model

    def _load(self, model: FakeModel, received: Received) -> int:
        """Take the model into memory; its window is what the request asks for, within what the model was trained for."""
        window = min(int(received.options.get("num_ctx", DEFAULT_WINDOW)), model.context_length)
        self._running[model.name] = window
        if seconds_of(received.body.get("keep_alive", "5m")) == 0:
            del self._running[model.name]
        return window

    # What the paths answer

    async def _chat(self, sender: Sender) -> web.StreamResponse:
        received, reply = sender.received, sender.reply
        messages = checked_messages(received.body)
        model = self._model(received)
        think = thinks(received.body, model)
        window = self._load(model, received)
        if not messages:
            return await sender.one(loaded(received.body, stays=model.name in self._running))
        kept = fitting(messages, window)
        received.dropped = tuple(message for message in messages if not any(message is one for one in kept))
        if count(messages) > window and received.body.get("truncate") is False:
            raise Refused(TOO_LONG)
        lines = chat_lines(received.body, reply, think=think, prompt_tokens=min(count(kept), window))
        return await (sender.stream(lines) if received.body.get("stream", True) else sender.whole(lines))

    async def _embed(self, sender: Sender) -> web.StreamResponse:
        model = self._model(sender.received)
        window = self._load(model, sender.received)
        return await sender.one(embedded(sender.received.body, sender.reply, model, window=window))

    async def _show(self, sender: Sender) -> web.StreamResponse:
        return await sender.one(self._model(sender.received).shown())

    async def _tags(self, sender: Sender) -> web.StreamResponse:
        return await sender.one({"models": [model.listed() for model in self.models]})

    async def _ps(self, sender: Sender) -> web.StreamResponse:
        running = [(find(self.models, name), window) for name, window in self._running.items()]
        return await sender.one({"models": [model.running(window) for model, window in running if model]})

    async def _version(self, sender: Sender) -> web.StreamResponse:
        return await sender.one({"version": "0.12.6"})


async def _is_running(http: web.Request) -> web.Response:
    return web.Response(text="Ollama is running")
