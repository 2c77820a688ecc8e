"""Updates come in from Telegram, which calls an address of ours; each is handed on before the call is answered.

Plain HTTP is spoken here: a proxy in front (nginx, Caddy) has the certificate that Telegram asks for. Calls without the secret
are turned away (https://core.telegram.org/bots/api#setwebhook).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hmac import compare_digest
from secrets import token_urlsafe
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter

import prompts
from bot.backoff import Backoff, pause
from bot.platforms.telegram.errors import seconds_of
from bot.platforms.telegram.long_poll import WANTED, Take
from bot.settings import PlatformProblem, WebhookSettings
from bot.types import Language

log = logging.getLogger(__name__)
SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
SHAPE = re.compile(r"[A-Za-z0-9_-]{1,256}")
LARGEST = 4 * 1024 * 1024
"""Bytes of a call; an update is a few kilobytes."""


async def listen(bot: Bot, webhook: WebhookSettings, take: Take, stop: asyncio.Event, language: Language) -> None:
    """Take what Telegram sends until `stop` is set. The webhook stays: what comes while nobody listens is sent again.

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


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("telegram").say(name, language, **values)
