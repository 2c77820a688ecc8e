"""Updates of Telegram, by long polling or as it calls an address of ours; confirmed only when they are handed on."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from hmac import compare_digest
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

import prompts
from bot.backoff import Backoff, pause
from bot.platforms.telegram.client import READ_S, seconds_of
from bot.settings import PlatformProblem, WebhookSettings
from bot.storage import StateProblem
from bot.types import Language

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)
T = TypeVar("T")

WANTED = (
    *("message", "edited_message", "callback_query", "inline_query", "my_chat_member", "message_reaction"),
    "stopped_message_generation",
)
POLL_S = 25
"""How long Telegram holds a poll open when nothing happens."""
LONGEST_CONFLICT = 60.0
"""Seconds between tries while another program fetches the same bot's updates."""

Take = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]
"""Takes updates as they came: one that cannot be read is to end nothing."""


async def log_in(bot: Bot, stop: asyncio.Event, language: Language) -> bool:
    """Try until Telegram answers; False when the program is to stop first.

    Raises:
        PlatformProblem: Telegram does not know the token.
    """
    backoff = Backoff()
    while not stop.is_set():
        try:
            await bot.initialize()
            return True
        except InvalidToken:
            raise PlatformProblem(_say("bad_token", language)) from None  # its words hold the token
        except TelegramError as error:
            wait = seconds_of(error) if isinstance(error, RetryAfter) else backoff.delay()
            log.warning("Telegram is not reached, tried again in %.0f s: %s", wait, error)
            await pause(stop, wait)
    return False


async def poll(bot: Bot, take: Take, stop: asyncio.Event, language: Language) -> None:
    """Fetch updates until `stop` is set.

    Raises:
        PlatformProblem: the token is not good any more.
    """
    offset: int | None = None
    backoff, conflicts = Backoff(), Backoff(longest=LONGEST_CONFLICT)
    await _unhook(bot, stop)
    while not stop.is_set():
        try:
            updates = await until(stop, fetch(bot, offset=offset, timeout=POLL_S, allowed_updates=WANTED))
        except Conflict as error:
            wait = conflicts.delay()
            if "webhook" in error.message.lower():
                await _unhook(bot, stop)
            else:
                log.warning("%s", _say("second_poller", language, seconds=f"{wait:.0f}"))
            await pause(stop, wait)
        except InvalidToken:
            raise PlatformProblem(_say("bad_token", language)) from None
        except RetryAfter as error:
            await pause(stop, seconds_of(error))
        except TelegramError as error:
            wait = backoff.delay()
            log.warning("no updates from Telegram, tried again in %.0f s: %s", wait, error)
            await pause(stop, wait)
        else:
            if not updates or await _is_taken(take, updates):
                backoff.reset()
                conflicts.reset()
                offset = max((number + 1 for number in map(number_of, updates or ()) if number), default=offset)
            else:
                await pause(stop, backoff.delay())
    if offset:
        with suppress(TelegramError, TimeoutError):  # what is not confirmed comes again, and is known by then
            await asyncio.wait_for(fetch(bot, offset=offset, limit=1, timeout=0), 2)


async def fetch(bot: Bot, *, timeout: int, **wanted: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ASYNC109 - Telegram's own
    """As `Bot.get_updates`, which reads all updates or none of them."""
    data = {"timeout": timeout, **{name: value for name, value in wanted.items() if value is not None}}
    found = await bot._post("getUpdates", data, read_timeout=READ_S + timeout)
    return found if isinstance(found, list) else ()


def number_of(update: object) -> int:
    """0 for what has no number."""
    number = update.get("update_id") if isinstance(update, Mapping) else 0
    return number if isinstance(number, int) else 0


async def _is_taken(take: Take, updates: Sequence[Mapping[str, Any]]) -> bool:
    """False when the database is out of order: what is not confirmed is fetched again."""
    try:
        await take(updates)
    except StateProblem:
        log.exception("%d updates could not be kept; they are fetched again", len(updates))
        return False
    return True


async def until(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The result, or None when `stop` is set before it is there."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        for task in (doing, stopping):
            task.cancel()
        await asyncio.wait({doing, stopping})


async def _unhook(bot: Bot, stop: asyncio.Event) -> None:
    """A webhook that was set once would keep the updates away; nothing that waits is dropped."""
    try:
        await until(stop, bot.delete_webhook())
    except InvalidToken:
        raise
    except TelegramError as error:
        log.warning("the webhook could not be taken away: %s", error)


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("telegram").say(name, language, **values)


SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
SHAPE = re.compile(r"[A-Za-z0-9_-]{1,256}")
LARGEST = 4 * 1024 * 1024
"""Bytes of a call; an update is a few kilobytes."""


async def listen(bot: Bot, webhook: WebhookSettings, take: Take, stop: asyncio.Event, language: Language) -> None:
    """Take what Telegram sends until `stop` is set. The webhook stays: what comes while nobody listens is sent again.

    Plain HTTP is spoken here: a proxy in front (nginx, Caddy) has the certificate that Telegram asks for. Calls without the
    secret are turned away (https://core.telegram.org/bots/api#setwebhook).

    Raises:
        PlatformProblem: the port is taken, the secret cannot be used, or Telegram does not take the address.
    """
    secret = _secret(webhook, language)
    async with _site(bot, webhook, secret, take, language):
        log.info("%s", _say("webhook_listens", language, listen=webhook.listen, port=webhook.port, url=webhook.url))
        if await _hook(bot, webhook, secret, stop, language):
            await stop.wait()


async def _hook(bot: Bot, webhook: WebhookSettings, secret: str, stop: asyncio.Event, language: Language) -> bool:
    backoff = Backoff()
    while not stop.is_set():
        try:
            return await bot.set_webhook(webhook.url, allowed_updates=WANTED, secret_token=secret)
        except BadRequest as error:
            raise PlatformProblem(_say("webhook_refused", language, why=error.message)) from error
        except (NetworkError, RetryAfter) as error:
            wait = seconds_of(error) if isinstance(error, RetryAfter) else backoff.delay()
            log.warning("the webhook is not set yet, tried again in %.0f s: %s", wait, error)
            await pause(stop, wait)
    return False


@asynccontextmanager
async def _site(bot: Bot, webhook: WebhookSettings, secret: str, take: Take, language: Language) -> AsyncIterator[None]:
    from aiohttp import web

    one_by_one = asyncio.Lock()

    async def called(request: web.Request) -> web.Response:
        if not compare_digest(request.headers.get(SECRET, "").encode(), secret.encode()):
            return web.Response(status=403)
        try:
            update = await request.json()
        except ValueError:
            log.warning("a call to the webhook was no update")
            return web.Response(status=400)
        async with one_by_one:
            await take([update])
        return web.Response()

    app = web.Application(client_max_size=LARGEST)
    app.router.add_post(urlsplit(webhook.url).path or "/", called)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    try:
        await _open(runner, webhook, language)
        yield
    finally:
        await runner.cleanup()


async def _open(runner: web.AppRunner, webhook: WebhookSettings, language: Language) -> None:
    from aiohttp import web

    try:
        await web.TCPSite(runner, webhook.listen, webhook.port).start()
    except OSError as error:
        why = error.strerror or str(error)
        raise PlatformProblem(_say("webhook_port", language, listen=webhook.listen, port=webhook.port, why=why)) from error


def _secret(webhook: WebhookSettings, language: Language) -> str:
    """From the file, or made up for this run: it is told to Telegram at every start."""
    if webhook.secret_file is None:
        return token_urlsafe(32)
    try:
        secret = webhook.secret_file.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PlatformProblem(_say("webhook_secret", language, why=error)) from error
    if not SHAPE.fullmatch(secret):
        raise PlatformProblem(_say("webhook_secret", language, why=webhook.secret_file))
    return secret
