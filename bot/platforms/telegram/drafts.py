"""Beginnings of an answer go in; the person sees them grow as a draft, which is no message and leaves nothing behind.

Drafts are for private chats (https://core.telegram.org/bots/api#sendmessagedraft) and fade 30 seconds after their last change.
What is final comes as a message, like every answer, so a kill at any moment loses and doubles nothing: the next start goes on
with the same draft. A server that does not know drafts, or refuses one, gets edits of a message instead.
"""

from __future__ import annotations

import logging
import time
from hashlib import blake2b

from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.markup import Rich
from bot.platforms.telegram.chats import Target
from bot.platforms.telegram.entities import entities_of
from bot.platforms.telegram.errors import seconds_of
from bot.platforms.telegram.rate_limiter import RequestPacer

log = logging.getLogger(__name__)
STOPPABLE = {"can_stop": True}
"""The app shows a button (Bot API 10.3); an older server does not look at this. A press comes as `stopped_message_generation`."""


class DraftSession:
    """The drafts of one bot."""

    def __init__(self, bot: Bot, pacer: RequestPacer, *, wanted: bool, every_s: float) -> None:
        self._bot = bot
        self._pacer = pacer
        self._wanted = wanted
        self._every_s = every_s

    def sketch(self, to: Target, event: str) -> Draft | None:
        """The draft of an answer to an event; None where there are none."""
        return Draft(self, to, _number(event)) if self._wanted and to.private else None

    async def put(self, to: Target, number: int, rich: Rich) -> bool:
        """False when the server will not have it; what passes by itself is left for the next time."""
        try:
            await self._bot.send_message_draft(
                to.chat, number, rich.text, message_thread_id=to.thread, entities=entities_of(rich), api_kwargs=STOPPABLE
            )
        except InvalidToken:  # a method that the server does not know is "not found", as a token is
            self._wanted = False
            log.info("the server knows no drafts; answers grow by edits")
            return False
        except (BadRequest, Forbidden) as error:
            log.info("a draft was refused in %d: %s", to.chat, error)
            return False
        except RetryAfter as error:
            self._pacer.hold(to.chat, seconds_of(error) + 0.1)
        except NetworkError as error:
            log.info("a draft was not shown in %d: %s", to.chat, error)
        return True

    def may_put(self, to: Target, last: float) -> bool:
        return time.monotonic() - last >= self._every_s and not self._pacer.is_held(to.chat)


class Draft:
    """The draft of one answer."""

    def __init__(self, sketching: DraftSession, to: Target, number: int) -> None:
        self._sketching = sketching
        self._to = to
        self._number = number
        self._last = float("-inf")
        self.refused = False

    async def draw(self, rich: Rich) -> bool:
        """Show it, or leave it out when the last one was a moment ago; False when drafts are refused."""
        if not self.refused and self._sketching.may_put(self._to, self._last):
            self.refused = not await self._sketching.put(self._to, self._number, rich)
            self._last = time.monotonic()
        return not self.refused


def _number(event: str) -> int:
    """The same for the same event, so that the draft goes on after a restart; never 0."""
    return int.from_bytes(blake2b(event.encode(), digest_size=4).digest()) >> 1 or 1
