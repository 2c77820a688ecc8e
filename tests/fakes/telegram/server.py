"""The server: requests come in over a socket, are recorded and checked, and get Telegram's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.telegram.answers import Answer, Cut, body_of, json_of, page_of, undone
from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.faults import UNDONE, Fault, Trouble
from tests.fakes.telegram.flood import Flood, Gate
from tests.fakes.telegram.methods import GET_UPDATES, METHODS, SET_WEBHOOK
from tests.fakes.telegram.params import Call, received, typed
from tests.fakes.telegram.places import Chat, Draft, User
from tests.fakes.telegram.received import Received, Seen, seen
from tests.fakes.telegram.refusals import WEBHOOK_ACTIVE, Refused, conflict, flooded
from tests.fakes.telegram.sending import DRAFT_SECONDS, MOST_DOCUMENT
from tests.fakes.telegram.state import BOT, State
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.webhook import Webhook
from tests.fakes.telegram.world import Where, World

EVERYWHERE = object()
"""Messages of all topics."""
WAITING = {
    "getupdates": "getUpdates",
    "setwebhook": "setWebhook",
    "deletewebhook": "deleteWebhook",
    "getwebhookinfo": "getWebhookInfo",
}


class FakeTelegram:
    """See the package. Runs in the event loop of the test."""

    def __init__(
        self, *, username: str = "notes_bot", name: str = "Notes", privacy: bool = True, flood: Flood | None = None
    ) -> None:
        clock = Clock()
        bot = User(id=BOT, first_name=name, username=username, is_bot=True)
        self.state = State(clock=clock, updates=Updates(clock), bot=bot, privacy=privacy, users={BOT: bot})
        self.world = World(self.state)
        self.clock = clock
        self.updates = self.state.updates
        self.webhook = Webhook(self.updates, clock)
        self.token = f"{BOT}:{'F' * 35}"
        self.received: list[Received] = []
        self._gate = Gate(flood=flood) if flood else None
        self._faults: list[Fault] = []
        self._down = False
        self._tasks: set[asyncio.Task[web.StreamResponse]] = set()
        self._transports: set[asyncio.Transport] = set()
        self._moved = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    # For tests

    @property
    def bot(self) -> User:
        return self.state.bot

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """For `Application.builder().base_url()`."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self.url}/file/bot"

    def calls(self, *methods: str) -> list[Received]:
        """The requests to these methods; to all but `getUpdates` when none is named."""
        return [one for one in self.received if (one.method in methods if methods else one.method != "getUpdates")]

    @property
    def refusals(self) -> list[Received]:
        """What the bot asked for and could not have, 429 and 409 included."""
        return [one for one in self.received if one.refused]

    @property
    def violations(self) -> list[Received]:
        """Requests that came before the end of a wait that the server had asked for."""
        return [one for one in self.received if one.violation]

    def read(self, where: Where, topic: object = EVERYWHERE) -> list[Seen]:
        """The messages of a chat as people see them, service messages left out; `topic=None` is the General topic."""
        chat = self._chat(where)
        return [seen(one) for one in chat.visible if not one.service and (topic is EVERYWHERE or one.topic == topic)]

    def draft(self, person: User) -> Draft | None:
        """What the bot is just writing to a person."""
        fresh = self.clock.now() - DRAFT_SECONDS
        return next((draft for draft in self._chat(person).drafts.values() if draft.at > fresh), None)

    def types(self, where: Where, topic: int | None = None) -> bool:
        """Whether people see that the bot does something."""
        return self._chat(where).typing_until.get(topic, 0.0) > self.clock.now()

    def fail(self, trouble: Trouble, method: str = "", **more: Any) -> Fault:
        """Have the next request to a method go wrong; see `Fault` for more."""
        fault = Fault(trouble=trouble, method=method, **more)
        self._faults.append(fault)
        return fault

    def go_down(self, seconds: float | None = None) -> None:
        """Every connection is torn down, for so many seconds or until `come_up`."""
        self._down = self.webhook.down = True
        for transport in list(self._transports):
            transport.abort()
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, self.come_up)

    def come_up(self) -> None:
        self._down = self.webhook.down = False
        self.webhook.push()

    async def until(self, holds: Callable[[], object], *, seconds: float = 5.0) -> None:
        """Wait until this holds; looked at after every request, and every 20 ms."""
        async with asyncio.timeout(seconds):
            while not holds():
                self._moved.clear()
                try:
                    await asyncio.wait_for(self._moved.wait(), 0.02)
                except TimeoutError:
                    continue

    def _chat(self, where: Where) -> Chat:
        return self.world.private(where) if isinstance(where, User) else where

    # The socket

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MOST_DOCUMENT + 1_000_000)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.webhook.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert self._runner is not None
        await self._runner.cleanup()

    async def _file(self, http: web.Request) -> web.StreamResponse:
        stored = self.state.files.get(http.match_info["path"].removeprefix("documents/"))
        if self._down:
            return self._torn(http)
        if stored is None or http.match_info["token"] != self.token:
            return json_of(Refused("Not Found", code=404))
        return web.Response(body=stored.content, content_type="application/octet-stream")

    async def _serve(self, http: web.Request) -> web.StreamResponse:
        """A client that goes away ends its poll; everything else is done nevertheless, as on the real server."""
        transport = http.transport
        if self._down or transport is None:
            return self._torn(http)
        self._transports.add(transport)
        try:
            raw = await received(http)
            if http.match_info["method"].lower() == "getupdates":
                return await self._answer(http, *raw)
            task = asyncio.create_task(self._answer(http, *raw))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return await asyncio.shield(task)
        except Refused as refused:
            return json_of(refused)
        finally:
            self._transports.discard(transport)
            self._moved.set()

    async def _answer(self, http: web.Request, raw: dict[str, Any], files: dict[str, Any]) -> web.StreamResponse:
        asked = http.match_info["method"].lower()
        name = METHODS[asked].name if asked in METHODS else WAITING.get(asked, http.match_info["method"])
        call = Call(method=name, params=raw, files=files)
        record = Received(method=name, time=self.clock.now(), params=raw, files=files)
        self.received.append(record)
        fault = next((fault for fault in self._faults if fault.meets(call)), None)
        try:
            return await self._done(http, call, record, fault)
        except Cut:
            record.injected = True
            return self._torn(http)

    async def _done(self, http: web.Request, call: Call, record: Received, fault: Fault | None) -> web.StreamResponse:
        trouble = fault.trouble if fault else None
        if fault and trouble in UNDONE:
            record.injected = True
            return self._noted(record, undone(fault))
        if fault and trouble is Trouble.SLOW:
            await asyncio.sleep(fault.seconds)
        try:
            result = await self._result(http.match_info["token"], call, record)
            answer: Answer = {"ok": True, "result": result}
        except Refused as refused:
            answer = refused
        if fault and trouble is Trouble.LATE:
            await asyncio.sleep(fault.seconds)
        if trouble is Trouble.CUT_AFTER:
            raise Cut
        if trouble is Trouble.GATEWAY_TIMEOUT or trouble is Trouble.GARBAGE:
            record.injected = True
            return self._noted(record, page_of(trouble))
        return self._noted(record, json_of(answer), answer)

    def _noted(self, record: Received, response: web.Response, answer: Answer | None = None) -> web.Response:
        record.status = response.status
        record.response = body_of(answer) if answer is not None else {}
        return response

    async def _result(self, token: str, call: Call, record: Received) -> Any:
        self._check_token(token)
        asked = call.method.lower()
        if asked in WAITING:
            return await self._wait(asked, call, record)
        if asked not in METHODS:
            raise Refused("Not Found: method not found", code=404)
        method = METHODS[asked]
        record.params = typed(call.params, method.params, method.name)
        typed_call = Call(method=method.name, params=record.params, files=call.files)
        self._check_flood(typed_call, record)
        return method.do(self.state, typed_call)

    def _check_token(self, token: str) -> None:
        if token != self.token:
            known = token.partition(":")
            raise (
                Refused("Unauthorized", code=401)
                if known[0].isdigit() and len(known[2]) == 35
                else Refused("Not Found", code=404)
            )

    def _check_flood(self, call: Call, record: Received) -> None:
        chat = self.state.chats.get(call.get("chat_id"))
        if self._gate is None or chat is None or call.method not in self._gate.flood.counted:
            return
        seconds, record.violation = self._gate.asked(self.clock.now(), chat.id, private=chat.private)
        if seconds:
            raise flooded(seconds)

    async def _wait(self, asked: str, call: Call, record: Received) -> Any:
        if asked == "getwebhookinfo":
            return self.webhook.info()
        if asked != "getupdates":
            return await self._set_webhook(asked, call, record)
        record.params = params = typed(call.params, GET_UPDATES, "getUpdates")
        if self.webhook.url:
            raise conflict(WEBHOOK_ACTIVE)
        self.updates.subscribe(params.get("allowed_updates"))
        limit = min(max(params.get("limit", 100), 1), 100)
        found = await self.updates.poll(offset=params.get("offset", 0), limit=limit, timeout=params.get("timeout", 0))
        return [update.json() for update in found]

    async def _set_webhook(self, asked: str, call: Call, record: Received) -> bool:
        known = SET_WEBHOOK if asked == "setwebhook" else frozenset({"drop_pending_updates"})
        record.params = params = typed(call.params, known, call.method)
        self.webhook.set(Call(method=call.method, params=params))
        return True

    def _torn(self, http: web.Request) -> web.StreamResponse:
        if http.transport is not None:
            http.transport.abort()
        return web.Response(status=500)
