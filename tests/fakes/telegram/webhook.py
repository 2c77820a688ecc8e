"""Webhooks: updates go out to the bot's address, chat by chat in order, until each is taken with a 2xx."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.params import Call
from tests.fakes.telegram.refusals import bad
from tests.fakes.telegram.updates import Update, Updates

SECRET = "X-Telegram-Bot-Api-Secret-Token"
HOSTS = ("127.0.0.1", "localhost")
"""The only addresses that this fake sends to; the real server wants HTTPS and refuses these."""


class Webhook:
    """The bot's address, and what sends to it."""

    def __init__(self, updates: Updates, clock: Clock, *, again: float = 0.05) -> None:
        self.url = ""
        self.sent: list[tuple[int, int]] = []
        """Update id and status of each delivery; 0 when nobody took it."""
        self.again = again
        """Seconds until a delivery that failed is tried once more."""
        self.down = False
        self._updates, self._clock = updates, clock
        self._secret, self._most = "", 40
        self._error: dict[str, Any] = {}
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        updates.on_new.append(self.push)

    def set(self, call: Call) -> None:
        """As `setWebhook` says; no address takes the webhook away."""
        url = call.text("url")
        if url:
            _check_address(url)
        secret = call.text("secret_token")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad("secret token contains unallowed characters")
        most = call.number("max_connections", 40)
        if not 1 <= most <= 100:
            raise bad("max_connections must be between 1 and 100")
        self._updates.subscribe(call.get("allowed_updates"))
        if call.get("drop_pending_updates"):
            self._updates.clear()
        self.url, self._secret, self._most, self._error = url, secret, most, {}
        self.push()

    def info(self) -> dict[str, Any]:
        told = {"url": self.url, "has_custom_certificate": False, "pending_update_count": len(self._updates.pending)}
        asked = {"allowed_updates": list(self._updates.allowed)} if self._updates.allowed else {}
        return told | ({"max_connections": self._most} if self.url else {}) | self._error | asked

    def push(self) -> None:
        """Send what can be sent now: the oldest update of each chat to which none is under way."""
        if not self.url or self.down:
            return
        for update in self._updates.pending:
            if update.chat not in self._busy and len(self._busy) < self._most:
                self._busy[update.chat] = asyncio.create_task(self._deliver(update))

    async def close(self) -> None:
        self.url = ""
        for task in list(self._busy.values()):
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _deliver(self, update: Update) -> None:
        try:
            status = await self._post(update)
            self.sent.append((update.id, status))
            if 200 <= status < 300:
                self._updates.forget({update.id})
            else:
                await asyncio.sleep(self.again)
        finally:
            del self._busy[update.chat]
        self.push()

    async def _post(self, update: Update) -> int:
        self._session = self._session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        headers = {SECRET: self._secret} if self._secret else {}
        try:
            async with self._session.post(self.url, json=update.json(), headers=headers) as answer:
                if not 200 <= answer.status < 300:
                    self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                return answer.status
        except aiohttp.ClientError:
            self._failed("Connection refused")
            return 0

    def _failed(self, why: str) -> None:
        self._error = {"last_error_date": int(self._clock.now()), "last_error_message": why}


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.hostname in HOSTS:
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    raise bad("bad webhook: Failed to resolve host: Name or service not known")
