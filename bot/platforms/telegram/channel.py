"""Answers and pages on Telegram, chat by chat in order, and what the bot may learn of a group."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from telegram import (
    Bot,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.error import TelegramError

import prompts
from bot.commands import BY_NAME, CommandRouter, InlineResult
from bot.markup import Rich, units
from bot.middleware.admission import in_words
from bot.platforms.dispatcher import ALIASES
from bot.platforms.protocol import (
    CLOSE,
    Channel,
    ChatUnreachable,
    Draw,
    Exchange,
    FileGone,
    InboundFile,
    InboundKind,
    InboundMessage,
)
from bot.platforms.telegram.client import Gone, hears_everything, runs_the_group
from bot.platforms.telegram.parser import Target, target_of
from bot.platforms.telegram.rate_limiter import GroupBudget
from bot.platforms.telegram.renderer import BEGINNING, DraftSession, TelegramRenderer, TypingIndicator
from bot.platforms.telegram.sender import CAPTION_LIMIT, MessageSender, entities_of, messages_with_quote
from bot.types import Button, Language, Page

log = logging.getLogger(__name__)
TURNED_AWAY = "🙈"
KEYS = 1000
"""Pages with keys that are remembered."""
MOST_BYTES = 20 * 1024 * 1024
"""Of a file that a bot may fetch (https://core.telegram.org/bots/api#getfile)."""


class TelegramChannel(Channel):
    """All chats of one bot."""

    def __init__(self, bot: Bot, speaker: MessageSender, drafts: DraftSession) -> None:
        self._bot = bot
        self._speaker = speaker
        self._drafts = drafts
        self._typing = TypingIndicator(speaker)
        self._budget = GroupBudget(speaker.pacer)
        self._latest: dict[str, asyncio.Event] = {}
        """`TelegramRenderer.begun` of what was asked last in each place, while it is being answered."""
        self._keyed: dict[tuple[int, str], int] = {}
        """The message that shows the latest page with a key."""

    # Answers

    @asynccontextmanager
    async def drawing(self, exchange: Exchange) -> AsyncIterator[Draw]:
        place = exchange.said.place
        to, before = target_of(place), self._latest.get(place.key)
        renderer = self._renderer(exchange, to, before)
        self._latest[place.key] = renderer.begun
        self._budget.owe(to.chat)
        try:
            async with self._typing.shown(to, lambda: renderer.readable):
                yield renderer.draw
        finally:
            self._budget.settle(to.chat)
            renderer.begun.set()
            if self._latest.get(place.key) is renderer.begun:
                del self._latest[place.key]

    def _renderer(self, exchange: Exchange, to: Target, before: asyncio.Event | None) -> TelegramRenderer:
        return TelegramRenderer(
            self._speaker,
            to,
            exchange=exchange,
            empty=_say("no_text", exchange.language),
            reply_to=_reply_to(exchange.said),
            before=before,
            is_pressed=self._budget.is_pressed,
            sketch=self._drafts.sketch(to, exchange.event.key),
        )

    async def turn_away(self, exchange: Exchange) -> bool:
        """When a group's minute is full: a sign on each question, and once in a while a line on what it means."""
        to, message = target_of(exchange.said.place), exchange.event.message
        if self._budget.has_room(to.chat):
            return False
        if message:
            await self._speaker.react(to, int(message), TURNED_AWAY)
        if self._budget.may_say_why(to.chat):
            when = in_words(self._budget.wait(to.chat), exchange.language)
            line = _say("group_full", exchange.language, when=when, sign=TURNED_AWAY)
            with suppress(ChatUnreachable):
                await self._speaker.send(to, Rich(text=line), reply_to=_reply_to(exchange.said))
        return True

    # Pages

    async def show(self, exchange: Exchange, page: Page) -> None:
        """After a crash in the message that showed it; what is for one person alone goes into their private chat."""
        said, to = exchange.said, target_of(exchange.said.place)
        if said.kind is InboundKind.PRESS:
            await self._show_pressed(exchange, page)
            return
        if page.private and not said.place.private and _is_private(said):
            told = await self._told(int(said.person.id), page)
            page = Page(text=_say("told_privately" if told else "write_to_me_first", exchange.language))
        page = page if page.text or page.quote or page.photo or page.file else replace(page, text=page.notice)
        await self._shown(exchange, to, page, reply_to=_reply_to(said))

    async def _show_pressed(self, exchange: Exchange, page: Page) -> None:
        """In the place of the message with the button, or below it with a button that takes it away again."""
        button, to = int(exchange.said.target), target_of(exchange.said.place)
        if not page.new:
            await self.put(to, page, over=button)
            return
        close = Button(label=_say("close", exchange.language), data=CLOSE, row=99)
        await self._shown(exchange, to, replace(page, buttons=(*page.buttons, close)), reply_to=button)

    async def _shown(self, exchange: Exchange, to: Target, page: Page, *, reply_to: int | None) -> None:
        over = int(exchange.event.outbound[0]) if exchange.event.outbound else None
        shown = await self.put(to, page, over=over, reply_to=reply_to)
        if shown and not over:
            await exchange.note([str(message) for message in shown])

    async def _told(self, chat: int, page: Page) -> bool:
        """Hidden admins have no private chat."""
        try:
            return chat > 0 and bool(await self.put(Target(chat=chat), page))
        except ChatUnreachable:
            return False

    async def put(self, to: Target, page: Page, *, over: int | None = None, reply_to: int | None = None) -> tuple[int, ...]:
        """Show a page, in the place of the message `over` if one is given; return the messages that show it."""
        over = over or self._keyed.get((to.chat, page.key)) if page.key else over
        parts = await messages_with_quote(page.text, page.quote)
        shown: list[int] = []
        if page.photo:
            caption = parts[0] if len(parts) == 1 and units(parts[0].text) <= CAPTION_LIMIT else Rich(text="")
            parts = () if caption.text else parts
            below = () if parts else page.buttons
            shown.append(await self._speaker.send_photo(to, page.photo, caption, below, reply_to=reply_to))
            over = None
        for at, rich in enumerate(parts):
            below = page.buttons if at == len(parts) - 1 else ()
            first = over if at == 0 else None
            shown.append(await self._put(to, rich, below, first, None if shown else reply_to, patient=page.patient))
        if page.file:
            shown.append(await self._speaker.send_file(to, page.file, reply_to=None if shown else reply_to))
        self._remember(to, page, shown)
        return tuple(shown)

    async def _put(
        self, to: Target, rich: Rich, buttons: Sequence[Button], over: int | None, reply_to: int | None, *, patient: bool
    ) -> int:
        if over:
            try:
                await self._speaker.edit(to, over, rich, buttons, patient=patient)
            except Gone:
                pass
            else:
                return over
        return await self._speaker.send(to, rich, buttons, reply_to=reply_to, patient=patient)

    def _remember(self, to: Target, page: Page, shown: Sequence[int]) -> None:
        if page.key and shown:
            self._keyed.pop((to.chat, page.key), None)
            self._keyed[(to.chat, page.key)] = shown[-1]
            while len(self._keyed) > KEYS:
                del self._keyed[next(iter(self._keyed))]

    # Presses

    async def acknowledge(self, exchange: Exchange, notice: str) -> None:
        await self._speaker.notice(exchange.said.token, notice)

    async def withdraw(self, exchange: Exchange) -> None:
        await self._speaker.delete(target_of(exchange.said.place), int(exchange.said.target))

    async def tidy(self, exchange: Exchange) -> None:
        """A message that was begun right before the program was killed, and never noted."""
        if exchange.said.target_text == BEGINNING.text:
            await self.withdraw(exchange)

    # What Telegram knows

    async def fetch(self, file: InboundFile) -> bytes:
        if file.size > MOST_BYTES:
            raise FileGone("too large")
        try:
            return bytes(await (await self._bot.get_file(file.ref)).download_as_bytearray())
        except TelegramError as error:
            raise FileGone(str(error)) from error

    async def is_moderator(self, said: InboundMessage) -> bool:
        return await runs_the_group(self._bot, said.place, said.person)

    async def deafness(self, said: InboundMessage, language: Language) -> str:
        heard = await hears_everything(self._bot, int(said.place.chat))
        return "" if heard else _say("sees_only_its_own", language)


def _reply_to(said: InboundMessage) -> int | None:
    """In private it is plain what is answered; but an offer is about the file of the message that it replies to."""
    shown = said.message or said.target
    return int(shown) if shown and (said.files or not said.place.private) else None


def _is_private(said: InboundMessage) -> bool:
    command = BY_NAME.get(ALIASES.get(said.command, said.command))
    return command is not None and command.private


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("telegram").say(name, language, **values)


KEPT_S = 30
"""Seconds that Telegram may show the same person the same excerpts again."""


async def offer(query: InlineQuery, controls: CommandRouter, language: Language, *, allowed: bool) -> None:
    """People who are let in by themselves are offered excerpts; Telegram does not tell in which chat they write."""
    found = await controls.inline(query.query, language) if allowed else ()
    articles = [article for n, excerpt in enumerate(found) if (article := await _article(n, excerpt))]
    stranger = InlineQueryResultsButton(_say("inline_stranger", language), start_parameter="hello")
    button = None if allowed else stranger
    try:
        await query.get_bot().answer_inline_query(query.id, articles, cache_time=KEPT_S, is_personal=True, button=button)
    except TelegramError as error:
        log.info("an inline query was not answered: %s", error)


async def _article(n: int, excerpt: InlineResult) -> InlineQueryResultArticle | None:
    parts = await messages_with_quote(excerpt.page.text, excerpt.page.quote)
    if not parts:
        return None
    content = InputTextMessageContent(
        parts[0].text, entities=entities_of(parts[0]), link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    return InlineQueryResultArticle(str(n), excerpt.title, content, description=excerpt.summary)
