from __future__ import annotations

from pathlib import Path

from bot.app import build
from bot.rag.output_guard import defused
from bot.rag.prompt_builder import unnumbered
from bot.settings import NoteSettings, Settings
from bot.types import Person, Place

ANN, HOME = Person(platform="telegram", id="5"), Place(platform="telegram", chat="5")
KEPT = (defused, unnumbered)


async def test_words_go_from_memory_when_something_is_forgotten(notes: Path, data: Path) -> None:
    async with build(Settings(notes=NoteSettings(folder=notes), data=data)) as parts:
        assert await parts.memory.remember(ANN, HOME, "我住在成都")
        for function in KEPT:
            function("我住在成都")
        assert all(function.cache_info().currsize for function in KEPT)
        await parts.memory.forget.everything(ANN, HOME)
        assert [function.cache_info().currsize for function in KEPT] == [0, 0]
