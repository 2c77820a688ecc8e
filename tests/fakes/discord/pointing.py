"""Points discord.py at the fake, and back at Discord afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import yarl

from tests.fakes.discord.server import FakeDiscord


@contextmanager
def pointed_at(fake: FakeDiscord) -> Iterator[FakeDiscord]:
    """Within this, every client of discord.py that is made talks to the fake, which must have been started."""
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = fake.base, yarl.URL(fake.gateway_url)
    try:
        yield fake
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
