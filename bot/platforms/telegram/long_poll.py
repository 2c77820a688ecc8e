"""Updates come in from Telegram, by long polling; each batch is handed on, and confirmed only when that is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

import prompts
from bot.backoff import Backoff, pause
from bot.platforms.telegram.client import READ_S
from bot.platforms.telegram.errors import seconds_of
from bot.settings import PlatformProblem
from bot.storage import StateProblem
from bot.types import Language

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
