"""The library's bot for a token: its errors as ours, its menus, and what it may learn of a group."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    ChatMember,
)
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.commands import COMMANDS, Command
from bot.platforms.protocol import ChatClosed, ChatUnreachable
from bot.settings import Proxy, TelegramSettings, proxy_for
from bot.types import Language, Person, Place

ROOM, SMALL_ROOM = 32, 4
"""Requests at once; more wait here, because the waiting list of httpx gets slow when it is long. Signs of typing have a room
of their own: what had its turn must not wait behind them, or it would go out later, all at once.
"""
SERVER = "https://api.telegram.org"
CONNECT_S, READ_S, POOL_S = 10.0, 20.0, 30.0


class TelegramClient:
    """The bot and its connections, which are closed whether or not it ever logged in."""

    def __init__(self, token: str, settings: TelegramSettings) -> None:
        os.environ.setdefault("PTB_TIMEDELTA", "true")  # without it the library warns whenever it is told to wait
        api = settings.api_url.rstrip("/")
        self.proxy = proxy_for(api or SERVER, settings.proxy, "socksio")
        """What everything goes through, if anything."""
        self._requests = (_request(api, 4, self.proxy), _request(api, ROOM + 8, self.proxy))
        where: dict[str, Any] = {"base_url": f"{api}/bot", "base_file_url": f"{api}/file/bot"} if api else {}
        self.bot: Bot = Bot(token, get_updates_request=self._requests[0], request=self._requests[1], **where)

    async def close(self) -> None:
        await self.bot.shutdown()
        for request in self._requests:
            await request.shutdown()


def _request(api: str, connections: int, proxy: Proxy | None) -> HTTPXRequest:
    """Which proxy there is has been looked up: the library is not to look again."""
    more: dict[str, Any] = {"trust_env": False}
    if api.startswith("http://"):
        more["verify"] = False  # an own server; there is nothing to verify, and loading certificates takes a while
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        pool_timeout=POOL_S,
        proxy=proxy.url if proxy else None,
        httpx_kwargs=more,
    )


log = logging.getLogger(__name__)
RUNS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)


async def runs_the_group(bot: Bot, place: Place, person: Person) -> bool:
    """Admins who hide behind their group write in its name."""
    return person.id == place.chat or await _status(bot, int(place.chat), int(person.id)) in RUNS


async def hears_everything(bot: Bot, chat: int) -> bool:
    """Without privacy mode, or as an admin (https://core.telegram.org/bots/features#privacy-mode)."""
    return bool(bot.bot.can_read_all_group_messages) or await _status(bot, chat, bot.id) in RUNS


async def _status(bot: Bot, chat: int, user: int) -> str:
    try:
        return (await bot.get_chat_member(chat, user)).status
    except TelegramError as error:
        log.info("who somebody is in %d is not known: %s", chat, error)
        return ""


class Gone(Exception):
    """The message that was to be changed cannot be."""


class Refused(Exception):
    """The request itself is wrong in Telegram's eyes: its formatting, most likely."""


UNREACHABLE = ("not enough rights", "have no rights", "topic_closed", "chat_write_forbidden", "chat_restricted")
CLOSED = (
    "chat not found",
    "topic_deleted",
    "user is deactivated",
    "group chat was deactivated",
    "message thread not found",
    "peer_id_invalid",
    "user_is_blocked",
)
GONE = (
    "message to edit not found",
    "message can't be edited",
    "message identifier is not specified",
    "there is no text in the message to edit",
    "message_id_invalid",
    "message to delete not found",
    "message can't be deleted",
)
UNCHANGED = "message is not modified"


@contextmanager
def translated() -> Iterator[None]:
    """Refusals become ours; an edit that would change nothing is no refusal. What may pass by itself is left as it is."""
    try:
        yield
    except Forbidden as error:
        raise ChatClosed(error.message) from error
    except BadRequest as error:
        said = error.message.lower()
        if UNCHANGED in said:
            return
        if any(words in said for words in CLOSED):
            raise ChatClosed(error.message) from error
        if any(words in said for words in UNREACHABLE):
            raise ChatUnreachable(error.message) from error
        if any(words in said for words in GONE):
            raise Gone(error.message) from error
        raise Refused(error.message) from error


def seconds_of(error: RetryAfter) -> float:
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


LANGUAGES: tuple[tuple[str, Language], ...] = (("", "en"), ("en", "en"), ("zh", "zh"))
"""Telegram's code for an app's language, empty for all others, and ours."""


async def register_commands(bot: Bot, admins: Sequence[str]) -> None:
    """Everybody sees the commands for everybody; admins, and the admins of groups, see all. What fails is logged."""
    everybody = [command for command in COMMANDS if not (command.admin or command.moderator)]
    menus: list[tuple[BotCommandScope, Sequence[Command]]] = [
        (BotCommandScopeAllPrivateChats(), everybody),
        (BotCommandScopeAllGroupChats(), everybody),
        (BotCommandScopeAllChatAdministrators(), COMMANDS),
        *((BotCommandScopeChat(int(admin)), COMMANDS) for admin in admins if admin.isdecimal()),
    ]
    for scope, commands in menus:
        for code, language in LANGUAGES:
            await _register(bot, scope, commands, code, language)


async def _register(bot: Bot, scope: BotCommandScope, commands: Sequence[Command], code: str, language: Language) -> None:
    listed = [BotCommand(command.name, command.describe(language)) for command in commands]
    try:
        await bot.set_my_commands(listed, scope=scope, language_code=code or None)
    except TelegramError as error:  # an admin who never wrote to the bot has no chat yet
        log.info("commands not registered for %s: %s", scope.type, error)
