"""A bot whose model repeats the mark of each question, in this process or one that can be killed."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assistant import Assistant, Models
from bot.commands import Commands
from bot.controls import Controls
from bot.conversation import Manner
from bot.guards import Guards, guarded
from bot.model import Piece
from bot.platforms.discord import connect
from bot.platforms.discord.client import Client
from bot.platforms.discord.platform import DiscordPlatform
from bot.settings import Settings
from bot.state import State
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.fakes.discord import TOKEN

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

MARK = re.compile(r"Q\d{6}")
PIECES, PIECE_S = 12, 0.05
"""An answer's pieces, and the seconds between two."""


class QuickClient(Client):
    identify_pause_s = 0.0
    guild_ready_s = 0.05


class Repeats:
    """A `ChatModel` that names the last mark that it was told."""

    name = "repeats"

    async def window(self) -> int:
        return 8192

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Piece]:
        marks = MARK.findall(str(messages[-1].content))
        yield Piece(text=f"{marks[-1] if marks else '?'}：米饭要先洗两遍 [1]。")
        for number in range(PIECES):
            await asyncio.sleep(PIECE_S)
            yield Piece(text=f"第 {number} 步，再煮二十分钟。")

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...


@asynccontextmanager
async def serving(api_url: str, notes: Path, data: Path, people: Sequence[str]) -> AsyncIterator[DiscordPlatform]:
    """Everything but the connection."""
    many = 100_000
    settings = Settings(
        discord={"admins": list(people), "api_url": api_url, "message_content": True, "threads": {"after": 4}},
        limits={"person_per_minute": many, "person_per_day": many, "place_per_minute": many, "queue": 200, "places": 500},
        access={"backlog_minutes": 600},
    )
    async with AsyncExitStack() as stack:
        notebook = Notebook(Vault(notes), data / "index")
        stack.callback(notebook.close)
        await notebook.index()
        state = await State.open_file(data / "state.sqlite")
        stack.push_async_callback(state.close)
        guards = Guards.of(settings, state.database)
        assistant = Assistant(notebook=notebook, state=state, models=Models(fast=Repeats()), manner=Manner())
        controls = Controls(notebook=notebook, state=state, commands=Commands(notebook=notebook, state=state), guards=guards)
        platform = connect(
            settings=settings, token=TOKEN, ask=guarded(assistant.ask, guards), controls=controls, guards=guards, state=state
        )
        platform.client_class = QuickClient
        yield platform


async def serve(api_url: str, notes: Path, data: Path, people: Sequence[str]) -> None:
    async with serving(api_url, notes, data, people) as platform:
        await platform.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
