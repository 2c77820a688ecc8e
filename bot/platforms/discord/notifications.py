"""Pages that nobody asked for; one with a key takes the place of the earlier one, as far as that is known."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex

from bot.platforms.discord.api import DiscordApi
from bot.platforms.discord.renderer import DiscordRenderer, messages_of_page
from bot.platforms.discord.targets import InChannel
from bot.types import Language, Page, Place

KEPT_PAGES = 500
"""Pages with a key whose messages are known, to take the place of the earlier one."""


class Deliveries:
    """The pages of one run."""

    wire: DiscordApi

    def __init__(self) -> None:
        self._pages: dict[str, list[str]] = {}

    async def deliver(self, place: Place, page: Page, language: Language) -> None:
        """Show it.

        Raises:
            Unreachable: the bot may not write there.
        """
        nonce = token_hex(10)
        key = f"{place.key} {page.key}" if page.key else ""
        ids = self._pages.get(key, [])

        async def noted(sent: Sequence[str]) -> None:
            ids[:] = sent

        outlet = InChannel(self.wire, int(place.thread or place.chat))
        drawing = DiscordRenderer(outlet, ids=ids, nonce=lambda part: f"{nonce}{part}", noted=noted)
        await drawing.draw(await messages_of_page(page, language), final=True)
        if key:
            self._pages[key] = ids
            while len(self._pages) > KEPT_PAGES:
                del self._pages[next(iter(self._pages))]
