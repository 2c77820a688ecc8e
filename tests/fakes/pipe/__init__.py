"""A fourth platform: a package with `connect`, its section of the settings, and nothing else in the program changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.backoff import Backoff
from bot.commands import CommandRouter
from bot.markup import telegram_messages
from bot.middleware import Middleware
from bot.platforms.dispatcher import Dispatcher
from bot.platforms.inbox import Inbox
from bot.platforms.messages import MessageSeries
from bot.platforms.protocol import MALFORMED, Channel, Draw, Exchange, InboundKind, InboundMessage
from bot.settings import AccessRules, PlatformSettings, Settings
from bot.storage import TurnStore
from bot.types import Answer, AnswerState, Ask, Button, Delivery, Page, Person, Place
from tests.fakes.pipe.server import LIMIT, PipeServer, Post

SERVERS: dict[str, PipeServer] = {}
"""By the token that a bot logs in with."""
Drawn = tuple[str, tuple[tuple[str, str], ...]]


class PipeSettings(PlatformSettings):
    """The section `pipe`."""

    platform = "pipe"
    module = "tests.fakes.pipe"

    rooms: tuple[str, ...] = ()

    @property
    def rules(self) -> AccessRules:
        return replace(super().rules, chats=frozenset(self.rooms))


class PipedSettings(Settings):
    """The one line in `PlatformSections` that a new platform needs."""

    pipe: PipeSettings = PipeSettings()


def connect(
    *, settings: Settings, token: str, ask: Ask, controls: CommandRouter, guards: Middleware, state: TurnStore
) -> PipePlatform:
    channel = PipeChannel(SERVERS[token])
    dispatcher = Dispatcher(channel=channel, ask=ask, controls=controls, guards=guards)
    return PipePlatform(SERVERS[token], channel, Inbox(dispatcher, settings.access.backlog_minutes))


class PipePlatform:
    name = "pipe"

    def __init__(self, server: PipeServer, channel: PipeChannel, inbox: Inbox) -> None:
        self._server, self._channel, self._inbox = server, channel, inbox

    @property
    def is_ready(self) -> bool:
        return self._inbox.is_open

    async def run(self, stop: asyncio.Event) -> None:
        reading: asyncio.Task[None] | None = None
        try:
            await self._inbox.open("pipe:1")
            reading = asyncio.create_task(self._read())
            asked = asyncio.create_task(stop.wait())
            await asyncio.wait({reading, asked}, return_when=asyncio.FIRST_COMPLETED)
            reading.cancel()
            await self._inbox.finish()
        finally:
            if reading:
                reading.cancel()
            await self._inbox.cancel()

    async def _read(self) -> None:
        while True:
            lines = await self._server.read()
            said = []
            for number, line in lines:
                try:
                    said.append(parse(line))
                except MALFORMED as error:
                    await self._inbox.skip(str(number), str(error))
            await self._inbox.take(said)
            self._server.confirm(lines[-1][0])

    async def deliver(self, place: Place, page: Page) -> Delivery:
        series = self._channel.series(place.chat, (), "page", self._channel.ignore)
        return await self._inbox.deliver(place, lambda: series.draw(drawn(page.text, page.buttons), final=True))


class PipeChannel(Channel):
    """What the program shows, as messages."""

    def __init__(self, server: PipeServer) -> None:
        self._server = server

    @asynccontextmanager
    async def drawing(self, exchange: Exchange) -> AsyncIterator[Draw]:
        series = self._series(exchange)

        async def draw(answer: Answer) -> None:
            if answer.state is not AnswerState.THINKING:
                await series.draw(drawn(answer.text, exchange.buttons(answer)), final=answer.final)

        yield draw

    async def show(self, exchange: Exchange, page: Page) -> None:
        await self._series(exchange).draw(drawn(page.text, page.buttons) if page.text else (), final=True)

    def _series(self, exchange: Exchange) -> MessageSeries[Drawn]:
        event = exchange.event
        return self.series(exchange.said.place.chat, event.outbound, event.nonce(), exchange.note)

    def series(self, chat: str, ids: tuple[str, ...], nonce: str, noted: Any) -> MessageSeries[Drawn]:
        return MessageSeries(_Room(self._server, chat), ids=ids, nonce=lambda part: f"{nonce} {part}", noted=noted)

    async def ignore(self, ids: object) -> None:
        """Nobody needs the ids of pages that answer nothing."""


class _Room:
    """Messages of one chat; what breaks on the way is sent again under its name, which makes no second message."""

    def __init__(self, server: PipeServer, chat: str) -> None:
        self._server, self._chat = server, chat

    async def send(self, drawn: Drawn, nonce: str) -> str:
        await self.edit(nonce, drawn)
        return nonce

    async def edit(self, message: str, drawn: Drawn) -> None:
        backoff = Backoff(first=0.01)
        while True:
            try:
                return self._server.put(Post(id=message, chat=self._chat, text=drawn[0], buttons=drawn[1]))
            except ConnectionError:
                await asyncio.sleep(backoff.delay())

    async def delete(self, message: str) -> None:
        self._server.delete(message)


def drawn(markdown: str, buttons: Any = ()) -> tuple[Drawn, ...]:
    """Plain text in messages of a good length, the buttons below the last."""
    texts = [one.text for one in telegram_messages(markdown, limit=LIMIT)] or ["…"]
    shown = tuple((one.label, one.data) for one in buttons if isinstance(one, Button))
    return (*((text, ()) for text in texts[:-1]), (texts[-1], shown))


def parse(line: str) -> InboundMessage:
    """A line as the one value that the rest of the program knows."""
    told = json.loads(line)
    text, room = str(told["text"]), str(told["room"])
    name, _, words = text.removeprefix("/").partition(" ") if text.startswith("/") else ("", "", text)
    return InboundMessage(
        kind=InboundKind.PRESS if "pressed" in told else InboundKind.MESSAGE,
        id=str(int(told["id"])),
        person=Person(platform="pipe", id=str(told["by"])),
        place=Place(platform="pipe", chat=room, private=room.startswith("~")),
        said=datetime.fromtimestamp(float(told["at"]), UTC),
        command=name,
        text=words.strip(),
        message="" if "pressed" in told else str(told.get("edits") or told["id"]),
        target=str(told.get("pressed", "")),
        edited="edits" in told,
    )
