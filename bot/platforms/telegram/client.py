"""A token and the settings go in; the library's bot comes out. No network yet."""

from __future__ import annotations

import os
from typing import Any

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.platforms.telegram.sender import ROOM
from bot.settings import TelegramSettings

CONNECT_S, READ_S, POOL_S = 10.0, 20.0, 30.0


class TelegramClient:
    """The bot and its connections, which are closed whether or not it ever logged in."""

    def __init__(self, token: str, settings: TelegramSettings) -> None:
        os.environ.setdefault("PTB_TIMEDELTA", "true")  # without it the library warns whenever it is told to wait
        api = settings.api_url.rstrip("/")
        self._requests = (_request(api, 4), _request(api, ROOM + 8))
        where: dict[str, Any] = {"base_url": f"{api}/bot", "base_file_url": f"{api}/file/bot"} if api else {}
        self.bot: Bot = Bot(token, get_updates_request=self._requests[0], request=self._requests[1], **where)

    async def close(self) -> None:
        await self.bot.shutdown()
        for request in self._requests:
            await request.shutdown()


def _request(api: str, connections: int) -> HTTPXRequest:
    """An own server on plain HTTP is asked directly; Telegram through the proxy of the environment, if there is one."""
    plain: dict[str, Any] = {"trust_env": False, "verify": False} if api.startswith("http://") else {}
    return HTTPXRequest(
        connection_pool_size=connections, connect_timeout=CONNECT_S, read_timeout=READ_S, pool_timeout=POOL_S, httpx_kwargs=plain
    )
