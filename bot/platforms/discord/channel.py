"""Answers and pages on Discord: in a channel, as the response to an interaction, or in a thread that is opened for them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from secrets import token_hex

import discord

import prompts
from bot.commands import MOST_SOURCES
from bot.markup import discord_messages, fenced
from bot.platforms.discord.api import DiscordApi, Drawn
from bot.platforms.discord.targets import InChannel, InResponse, ThreadMoves, thread_name
from bot.platforms.messages import MessageSeries
from bot.platforms.protocol import Channel, ChatUnreachable, Draw, Exchange, InboundKind, InboundMessage
from bot.settings import DiscordSettings
from bot.types import Answer, AnswerState, Attachment, Button, Language, Page, Place

log = logging.getLogger(__name__)

ANSWERED = (AnswerState.MODEL, AnswerState.EXCERPTS, AnswerState.OVERVIEW, AnswerState.ABSTAINED)
KEPT_PAGES = 500
"""Pages with a key whose messages are known, to take the place of the earlier one."""
EDIT_S = 1.2
"""The shortest time between two edits that only show progress: Discord takes 5 edits in 5 s per channel."""
TOKEN_S = 900.0
"""How long an interaction can be answered."""


class DiscordChannel(Channel):
    """All channels of one bot."""

    wire: DiscordApi

    def __init__(
        self, settings: DiscordSettings, exchanges: ThreadMoves, is_unfinished: Callable[[str], Awaitable[bool]]
    ) -> None:
        self._settings = settings
        self._exchanges = exchanges
        self._is_unfinished = is_unfinished
        self._acknowledged: dict[str, asyncio.Future[str]] = {}
        self._pages: dict[str, list[str]] = {}

    def will_be_acknowledged(self, interaction: str) -> asyncio.Future[str]:
        """Nothing is said in answer to an interaction before this is set, to the id of its "is thinking…" if it has one."""
        loop = asyncio.get_running_loop()
        self._acknowledged[interaction] = first = loop.create_future()
        loop.call_later(TOKEN_S, self._acknowledged.pop, interaction, None)
        return first

    # Answers

    @asynccontextmanager
    async def drawing(self, exchange: Exchange) -> AsyncIterator[Draw]:
        said, target = exchange.said, self._target(exchange)
        drawing: MessageSeries[Drawn] | None = None
        state: AnswerState | None = None
        drawn_at = -EDIT_S

        async def draw(answer: Answer) -> None:
            nonlocal drawing, state, drawn_at
            state = answer.state
            drawing = drawing or await self._renderer(exchange, target)
            if answer.state is AnswerState.REFUSED and isinstance(target, InResponse):
                await target.whisper(await messages_of(answer, (), exchange.language))
            elif answer.final or time.monotonic() - drawn_at >= EDIT_S:
                messages = await messages_of(answer, exchange.buttons(answer), exchange.language)
                await drawing.draw(messages, final=answer.final)
                drawn_at = time.monotonic()

        yield draw
        if state is None and isinstance(target, InResponse) and not await self._is_unfinished(exchange.event.key):
            await target.withdraw()
        if state in ANSWERED and said.kind is InboundKind.MESSAGE and not said.place.private and not said.place.thread:
            self._exchanges.answered(said.place.chat)

    async def reopen(self, exchange: Exchange, messages: Sequence[str]) -> Sequence[str]:
        """Those that nobody has deleted, made ready for another answer, as they stand in the channel."""
        waiting = Drawn(text=_say("thinking", exchange.language))
        channel = channel_of(exchange.said.place)
        return [one for one in sorted(messages, key=int) if await self.wire.edit(channel, one, waiting)]

    # Pages

    async def show(self, exchange: Exchange, page: Page) -> None:
        if exchange.said.kind is InboundKind.PRESS:
            await self._show_pressed(exchange, page)
            return
        target, messages = self._target(exchange), await messages_of_page(page, exchange.language)
        drawing = await self._renderer(exchange, target)
        if not isinstance(target, InResponse):
            await drawing.draw(messages, final=True)
        elif not messages:
            await target.withdraw()
        elif (page.private or page.patient) and not exchange.said.private:
            await target.whisper(messages)
        else:
            await drawing.draw(messages, final=True)

    async def _show_pressed(self, exchange: Exchange, page: Page) -> None:
        """A source is for whoever pressed; other pages change the message, or are new ones for all."""
        said, messages = exchange.said, await messages_of_page(page, exchange.language)
        await self._is_acknowledged(exchange)
        if page.private or said.text.startswith("s:"):
            await InResponse(self.wire, said.token, channel_of(said.place), private=False).tell(messages)
        elif page.new:
            target = InChannel(self.wire, channel_of(said.place))
            await (await self._renderer(exchange, target)).draw(messages, final=True)
        elif messages:
            await InResponse(self.wire, said.token, channel_of(said.place), private=False).change(said.target, messages[-1])

    async def acknowledge(self, exchange: Exchange, notice: str) -> None:
        """Discord has been answered when the press came; what is left are the words for the person."""
        if notice:
            await self._show_pressed(exchange, Page(text=notice, private=True))

    async def deliver(self, place: Place, page: Page, language: Language) -> None:
        """A page that nobody asked for; one with a key takes the place of the earlier one, as far as that is known."""
        nonce = token_hex(10)
        key = f"{place.key} {page.key}" if page.key else ""
        ids = self._pages.pop(key, [])

        async def noted(sent: Sequence[str]) -> None:
            ids[:] = sent

        target = InChannel(self.wire, channel_of(place))
        drawing = MessageSeries(target, ids=ids, nonce=lambda part: f"{nonce}{part}", noted=noted)
        try:
            await drawing.draw(await messages_of_page(page, language), final=True)
        except discord.HTTPException as error:
            raise ChatUnreachable(str(error)) from error
        if key:
            self._pages[key] = ids
            while len(self._pages) > KEPT_PAGES:
                del self._pages[next(iter(self._pages))]

    async def mend(self, message: discord.Message, key: str, language: Language) -> None:
        """An "is thinking…" of before, which no event of the ledger will end: the program was killed in the moment between."""
        if not await self._is_unfinished(key):
            await self.wire.edit(message.channel.id, str(message.id), Drawn(text=_say("lost", language)))

    # Places

    async def prepare(self, said: InboundMessage) -> InboundMessage:
        """Its answer opens a thread, where that is the time and the bot may."""
        if not said.opens:
            return said
        try:
            minutes = self._settings.threads.archive_minutes
            await self.wire.open_thread(int(said.place.chat), int(said.message), thread_name(said.text), minutes)
        except (ChatUnreachable, discord.HTTPException) as error:
            log.info("no thread in %s: %s", said.place.chat, error)
            return replace(said, opens=False, place=replace(said.place, thread=""))
        return said

    async def deafness(self, said: InboundMessage, language: Language) -> str:
        return "" if self._settings.message_content else _say("hears_only_its_own", language)

    # Steps

    def _target(self, exchange: Exchange) -> InChannel | InResponse:
        said = exchange.said
        channel = channel_of(said.place)
        if said.token and said.kind is InboundKind.COMMAND:
            return InResponse(self.wire, said.token, channel, private=said.private)
        reply_to = 0 if said.opens and said.place.thread else int(said.message or said.target or 0)
        return InChannel(self.wire, channel, reply_to)

    async def _renderer(self, exchange: Exchange, target: InChannel | InResponse) -> MessageSeries[Drawn]:
        """An interaction's answer is drawn into the message that says "is thinking…", also after a restart."""
        event, first = exchange.event, await self._is_acknowledged(exchange)
        if first:
            await exchange.note([first])
        return MessageSeries(target, ids=[first] if first else event.outbound, nonce=event.nonce, noted=exchange.note)

    async def _is_acknowledged(self, exchange: Exchange) -> str:
        first = self._acknowledged.pop(exchange.event.id, None)
        return await first if first else ""


def channel_of(place: Place) -> int:
    """Where an answer is to be seen."""
    return int(place.thread or place.chat)


MOST_MESSAGES = 6
"""Of one answer; what is longer comes as a file, with its beginning to read."""
LONG = 3000
"""Characters from which Markdown is split outside the event loop."""
FILE = "answer.md"
LIMIT = 2000


async def messages_of(answer: Answer, buttons: Sequence[Button], language: Language) -> tuple[Drawn, ...]:
    """A snapshot's messages, the buttons under the last one; never none."""
    waits = _say("thinking", language)
    messages = await _messages(answer.text, buttons, language, empty=waits, files=(), whole=answer.final)
    sources = sources_of(answer) if answer.final else ""
    last = messages[-1]
    if not sources or len(last.text) + 1 + len(sources) > LIMIT:
        return messages
    return (*messages[:-1], replace(last, text=f"{last.text}\n{sources}"))


def sources_of(answer: Answer) -> str:
    """Where the answer rests, in small print; the buttons below show the words. Left out where there is no room."""
    lines = [f"[{one.n}] {one.where}" for one in answer.citations[:MOST_SOURCES]]
    return "\n".join(f"-# {' '.join(''.join(discord_messages(line)).split())}" for line in lines)


async def messages_of_page(page: Page, language: Language) -> tuple[Drawn, ...]:
    """A page's messages; none for a page that shows nothing."""
    files = [page.file] if page.file else []
    if page.photo:
        files.append(Attachment(name="page.png", content=page.photo))
    if not (page.text or page.quote or files or page.buttons):
        return ()
    return await _messages(_with_quote(page), page.buttons, language, empty="\u200b", files=tuple(files), whole=True)


async def _messages(
    markdown: str, buttons: Sequence[Button], language: Language, *, empty: str, files: tuple[Attachment, ...], whole: bool
) -> tuple[Drawn, ...]:
    texts = await split(markdown) or (empty,)
    if len(texts) > MOST_MESSAGES:
        texts = texts[: MOST_MESSAGES - 1]
        if whole:
            texts = (*texts, _say("in_file", language))
            files = (*files, Attachment(name=FILE, content=markdown.encode()))
    return (*(Drawn(text=text) for text in texts[:-1]), Drawn(text=texts[-1], buttons=tuple(buttons), files=files))


async def split(markdown: str) -> tuple[str, ...]:
    """Discord's messages for a text; long ones are worked on elsewhere, so that nobody waits."""
    if len(markdown) < LONG:
        return discord_messages(markdown)
    return await asyncio.to_thread(discord_messages, markdown)


def _with_quote(page: Page) -> str:
    """The excerpt in a block of code, where Discord changes nothing."""
    if not page.quote:
        return page.text
    return f"{page.text}\n\n{fenced(page.quote)}"


def _say(name: str, language: Language, **values: object) -> str:
    """An entry of `prompts/discord.yaml`."""
    return prompts.load("discord").say(name, language, **values)
