"""Pages of commands and buttons as Telegram messages, new or in place of an old one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.markup import Rich, units
from bot.platforms.telegram.errors import Gone
from bot.platforms.telegram.parser import Target
from bot.platforms.telegram.sender import CAPTION_LIMIT, MessageSender, messages_with_quote
from bot.types import Button, Page

KEYS = 1000
"""Pages with keys that are remembered."""


class PageSender:
    """The pages of all chats."""

    def __init__(self, speaker: MessageSender) -> None:
        self._speaker = speaker
        self._keyed: dict[tuple[int, str], int] = {}
        """The message that shows the latest page with a key."""

    async def show(
        self, to: Target, page: Page, *, over: int | None = None, reply_to: int | None = None, more: Sequence[Button] = ()
    ) -> tuple[int, ...]:
        """Show a page, in the place of the message `over` if one is given; return the messages that show it.

        Raises:
            Unreachable, Undelivered: see `Speaker.send`.
        """
        over = over or self._keyed.get((to.chat, page.key)) if page.key else over
        parts = await messages_with_quote(page.text, page.quote)
        buttons = (*page.buttons, *more)
        shown: list[int] = []
        if page.photo:
            caption = parts[0] if len(parts) == 1 and units(parts[0].text) <= CAPTION_LIMIT else Rich(text="")
            parts = () if caption.text else parts
            below = () if parts else buttons
            shown.append(await self._speaker.send_photo(to, page.photo, caption, below, reply_to=reply_to))
            over = None
        for at, rich in enumerate(parts):
            below = buttons if at == len(parts) - 1 else ()
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
