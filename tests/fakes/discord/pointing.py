"""Points discord.py at the fake, and back at Discord afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import yarl

from tests.fakes.discord.server import FakeDiscord


@contextmanager
def pointed_at(fake: FakeDiscord) -> Iterator[FakeDiscord]:
    """Within this, every client of discord.py that is made talks to the fake, which must have been started."""
    with pointed(base=fake.base, gateway=fake.gateway_url):
        yield fake


@contextmanager
def pointed(*, base: str, gateway: str) -> Iterator[None]:
    """The same for a process of its own, which has only the addresses."""
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, yarl.URL(gateway)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
