"""Discord: slash commands, mentions, replies, threads and buttons; see `bot.cli.run` for what a platform is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.commands import CommandRouter
    from bot.middleware import Middleware
    from bot.platforms.discord.bot import DiscordPlatform
    from bot.settings import Settings
    from bot.storage import TurnStore
    from bot.types import Ask


def connect(
    *, settings: Settings, token: str, ask: Ask, controls: CommandRouter, guards: Middleware, state: TurnStore
) -> DiscordPlatform:
    """Build the platform; nothing is sent before `run`."""
    from bot.platforms.discord.bot import DiscordPlatform
    from bot.platforms.discord.slash_commands import Completion

    async def names() -> Iterable[str]:
        notes = await controls.summaries()
        return [*(note.title for note in notes), *(heading for note in notes for heading in note.headings)]

    return DiscordPlatform(settings=settings, token=token, ask=ask, controls=controls, guards=guards, names=Completion(names))
