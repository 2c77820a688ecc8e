"""The library's bot for a token, and what it may learn of a group: its admins, and whether it hears everything."""

from __future__ import annotations

import logging
import os
from typing import Any

from telegram import Bot, ChatMember
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.platforms.telegram.sender import ROOM
from bot.settings import Proxy, TelegramSettings, proxy_for
from bot.types import Person, Place

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
