"""A bot that repeats the mark of each question, in this process or one that can be killed."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.commands import CommandRouter
from bot.commands.views import CommandViews
from bot.middleware import Middleware, guarded
from bot.platforms.discord import connect
from bot.platforms.discord.bot import DiscordPlatform
from bot.platforms.discord.client import DiscordClient
from bot.settings import Settings
from bot.storage import TurnStore
from bot.types import Answer, AnswerState, Ask, Question
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.bot.making import citation
from tests.fakes.discord import TOKEN

MARK = re.compile(r"Q\d{6}")
PIECES = (
    "先淘米。", "水要没过手背，", "比例是一比一点二。", "大火烧开以后，", "转小火慢慢焖。", "中途不要揭开锅盖，",
    "否则热气会跑掉。", "关火之后再等十分钟，", "用勺子翻松。", "炒饭要用隔夜的，", "粥则要多放水。", "完毕。",
)  # fmt: skip
PIECE_S = 0.05


class QuickClient(DiscordClient):
    identify_pause_s = 0.0
    guild_ready_s = 0.05


def repeating(state: TurnStore) -> Ask:
    """Answers with the mark of the question and one source, piece by piece, and keeps it as the assistant does."""

    async def ask(question: Question) -> AsyncIterator[Answer]:
        yield Answer(state=AnswerState.THINKING)
        marks = MARK.findall(question.text)
        text = f"{marks[-1] if marks else '?'}：米饭要先洗两遍 [1]。"
        for piece in PIECES:
            await asyncio.sleep(PIECE_S)
            text += piece
            yield Answer(state=AnswerState.PARTIAL, text=text)
        yield await state.record(question, Answer(state=AnswerState.MODEL, text=text, citations=(citation(),)))

    return ask


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
        state = await TurnStore.open_file(data / "state.sqlite")
        stack.push_async_callback(state.close)
        guards = Middleware.of(settings, state.database)
        ask = guarded(repeating(state), guards)
        controls = CommandRouter(
            notebook=notebook, state=state, commands=CommandViews(notebook=notebook, state=state), guards=guards
        )
        platform = connect(settings=settings, token=TOKEN, ask=ask, controls=controls, guards=guards, state=state)
        platform.client_class = QuickClient
        yield platform


async def serve(api_url: str, notes: Path, data: Path, people: Sequence[str]) -> None:
    async with serving(api_url, notes, data, people) as platform:
        await platform.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
