"""The server: requests come in over a socket, are recorded and checked, and change the world; events go out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import BodyPartReader, web

from tests.fakes.discord.api import Api, Request, Serve
from tests.fakes.discord.clock import Clock
from tests.fakes.discord.drafts import Upload
from tests.fakes.discord.events import Event
from tests.fakes.discord.faults import Fault, Faults, Trouble
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.limits import Limits, TooMany
from tests.fakes.discord.people import People
from tests.fakes.discord.received import Pulse, Received
from tests.fakes.discord.refusals import Refused
from tests.fakes.discord.rest import ROUTES
from tests.fakes.discord.values import Channel, Message
from tests.fakes.discord.world import World

API = "/api/v10"
TOKEN = "MTIzNDU2Nzg5.fake.token"
PAGE = "<html><head><title>502 Bad Gateway</title></head></html>"
Answered = tuple[int, Any, dict[str, str]]


class FakeDiscord:
    """See the package. Runs in the event loop of the test."""

    def __init__(self, *, token: str = TOKEN, deadline: float = 3.0, token_life: float = 900.0) -> None:
        self.token = token
        self.clock = Clock()
        self.received: list[Received] = []
        self.limits = Limits()
        self._faults = Faults()
        self._pulse = Pulse()
        self.world = World(clock=self.clock, tell=self._tell)
        self.gateway = Gateway(world=self.world, token=token, beat=self._pulse.beat)
        self.api = Api(world=self.world, gateway=self.gateway, owner=self.world.add_user("Owner"))
        self.people = People(api=self.api, wait=self.until, deadline=deadline, token_life=token_life)
        self._routes = [(method, path, _pattern(path), serve) for method, path, serve in ROUTES]
        self._runner: web.AppRunner | None = None
        self._port = 0

    # For tests

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def base(self) -> str:
        """What `discord.http.Route.BASE` has to be."""
        return self.url + API

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def bot(self) -> Any:
        """The bot's user."""
        return self.world.bot

    @property
    def refusals(self) -> list[Received]:
        """The requests that were refused, rate limits and faults included."""
        return [one for one in self.received if one.refused]

    @property
    def late(self) -> list[Any]:
        """The interactions that nobody acknowledged in time."""
        return [call for call in self.api.calls.values() if call.failed]

    @property
    def live(self) -> list[Message]:
        """The bot's messages that would really ping somebody other than the author they answer."""
        messages = [
            *self.world.ephemerals.values(),
            *(one for place in self.world.channels.values() for one in place.messages.values()),
        ]
        return [one for one in messages if one.author is self.bot and any(not who.startswith("reply:") for who in one.live)]

    def at(self, route: str) -> list[Received]:
        """The requests to this route (`POST /channels/{channel_id}/messages`), in order."""
        return [one for one in self.received if one.route == route]

    def said(self, channel: Channel) -> list[Message]:
        """What the bot said there and did not delete, oldest first; ephemeral messages are not among it."""
        return [one for one in channel.messages.values() if one.author is self.bot and one.type != 21]

    def once(self, trouble: Trouble, route: str = "", *, times: int = 1, seconds: float = 0.05) -> None:
        """Let this go wrong with the next requests whose route contains this."""
        self._faults.waiting.append(Fault(trouble=trouble, route=route, times=times, seconds=seconds))

    async def until(self, true: Callable[[], object], within: float = 5) -> None:
        """Return as soon as it is true; looked at whenever something happens. Raises TimeoutError."""
        await self._pulse.until(true, within)

    async def until_ready(self, within: float = 10) -> None:
        """Return as soon as a bot is connected to the gateway."""
        await self.until(lambda: self.gateway.connected, within)

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application(client_max_size=200 * 1024 * 1024)
        app.router.add_route("*", f"{API}/{{tail:.*}}", self._handle)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/resume", self.gateway.serve)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self._attachment)
        self._runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])
        self.world.files_at = self.url
        self.gateway.resume_url = f"{self.gateway_url}/resume"

    async def stop(self) -> None:
        """Refuse every connection from now on; the world stays, and so does `url`."""
        self.gateway.drop()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    # One request

    def _tell(self, event: Event) -> None:
        self.gateway.tell(event)

    async def _handle(self, http: web.Request) -> web.StreamResponse:
        path = http.path.removeprefix(API)
        received = Received(
            at=self.clock.now(), method=http.method, path=path, headers=dict(http.headers), query=dict(http.query)
        )
        self.received.append(received)
        serve, params = self._find(http, path, received)
        fault = self._faults.take(received.route)
        if fault and fault.trouble is Trouble.DELAY:
            await asyncio.sleep(fault.seconds)
        status, answer, headers = _broken(fault) or await self._answer(http, received, serve, params)
        if fault and fault.trouble is Trouble.ERROR_AFTER:
            status, answer = 502, PAGE
        if fault and fault.trouble in (Trouble.CUT_BEFORE, Trouble.CUT_AFTER):
            if http.transport:
                http.transport.abort()
            return web.Response()
        received.status, received.answer = status, answer
        self._pulse.beat()
        return _response(status, answer, headers)

    def _find(self, http: web.Request, path: str, received: Received) -> tuple[Serve | None, dict[str, str]]:
        for method, template, pattern, serve in self._routes:
            match = pattern.fullmatch(path)
            if method == http.method and match:
                received.route = f"{method} {template}"
                return serve, match.groupdict()
        return None, {}

    async def _answer(self, http: web.Request, received: Received, serve: Serve | None, params: dict[str, str]) -> Answered:
        headers: dict[str, str] = {}
        try:
            received.body, received.files = await _read(http)
            if serve is None:
                raise Refused(0)
            self._check_token(http, received.route)
            headers = self.limits.take(received.route, params)
            status, answer = serve(
                self.api, Request(params=params, query=received.query, body=received.body, files=received.files)
            )
        except Refused as refused:
            return refused.status, refused.json(), headers
        except TooMany as too_many:
            return _too_many(too_many)
        return status, answer, headers

    def _check_token(self, http: web.Request, route: str) -> None:
        if (
            "{webhook_token}" not in route
            and "/callback" not in route
            and http.headers.get("Authorization") != f"Bot {self.token}"
        ):
            raise Refused(0, "401: Unauthorized", status=401)

    async def _attachment(self, http: web.Request) -> web.Response:
        found = self.world.files.get(int(http.match_info["id"]))
        return web.Response(body=found.content, content_type=found.content_type) if found else web.Response(status=404)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


async def _read(http: web.Request) -> tuple[Any, dict[str, Upload]]:
    """The body of a request as JSON, and its files. Raises `Refused` for what is neither."""
    if http.content_type.startswith("multipart/"):
        return await _read_multipart(http)
    data = await http.read()
    if not data:
        return None, {}
    if http.content_type != "application/json":
        raise Refused(50035, "Expected \"Content-Type\" header to be one of {'application/json'}.")
    return _parsed(data), {}


async def _read_multipart(http: web.Request) -> tuple[Any, dict[str, Upload]]:
    body: Any = None
    files: dict[str, Upload] = {}
    async for part in await http.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = _parsed(data)
        else:
            files[part.name or ""] = (part.filename or "", data, part.headers.get("Content-Type", "application/octet-stream"))
    return body, files


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise Refused(50109) from None


def _broken(fault: Fault | None) -> Answered | None:
    """The answer to a request that fails before anything is done."""
    match fault.trouble if fault else None:
        case Trouble.SERVER_ERROR:
            return 500, {"message": "500: Internal Server Error", "code": 0}, {}
        case Trouble.BAD_GATEWAY:
            return 502, PAGE, {}
        case Trouble.UNAVAILABLE:
            return 503, {"message": "503: Service Unavailable", "code": 0}, {}
        case Trouble.CUT_BEFORE:
            return 0, None, {}
        case Trouble.TOO_MANY if fault:
            return _too_many(TooMany(fault.seconds))
        case Trouble.BANNED:
            return 429, PAGE, {}
        case Trouble.MISSING_ACCESS:
            return 403, Refused(50001).json(), {}
    return None


def _too_many(too_many: TooMany) -> Answered:
    answer = {
        "message": "You are being rate limited.",
        "retry_after": round(too_many.retry_after, 3),
        "global": too_many.everything,
    }
    headers = {
        **too_many.headers,
        "Retry-After": f"{too_many.retry_after:.3f}",
        "X-RateLimit-Scope": "global" if too_many.everything else "user",
    }
    return 429, answer, headers | ({"X-RateLimit-Global": "true"} if too_many.everything else {})


def _response(status: int, answer: Any, headers: dict[str, str]) -> web.Response:
    """JSON without a charset, for discord.py compares the content type word by word; `Via` tells Discord from Cloudflare."""
    if isinstance(answer, str):
        return web.Response(status=status, text=answer, content_type="text/html")
    sent = {**headers, "Via": "1.1 google"}
    if status == 204:
        return web.Response(status=204, headers=sent)
    return web.Response(status=status, body=json.dumps(answer).encode(), headers={**sent, "Content-Type": "application/json"})
