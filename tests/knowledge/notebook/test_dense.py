"""Vectors of a scripted embedding server, through the code path of every search: they win when they should, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.notebook import Notebook, Query, SearchResult
from knowledge.notes import Vault
from knowledge.vectors import OllamaEmbedder
from tests.bot.making import write
from tests.fakes.ollama import BGE, EMBED, FakeOllama, Reply

NOTES = {
    "forget.md": "# 灾难性遗忘\n\n模型学习新任务以后，旧任务的表现明显下降。\n",
    "window.md": "# 上下文窗口\n\n输入超过长度上限时，最早的词元会被丢弃。\n",
    "cook.md": "# 米饭\n\n米饭要先洗两遍，再煮二十分钟。\n",
    "tea.md": "# 绿茶\n\n绿茶用八十度的水泡两分钟。\n",
}
MEANINGS = {"旧任务": 0, "鱼的记忆": 0, "词元会被丢弃": 1, "米饭": 2, "绿茶": 3}
"""What the scripted model understands: words that mean the same have one direction."""


def knowing(texts: Sequence[str]) -> list[list[float]]:
    return [
        list(map(float, np.eye(64)[next((at for words, at in MEANINGS.items() if words in text), 40 + len(text) % 8)]))
        for text in texts
    ]


def noise(texts: Sequence[str]) -> list[list[float]]:
    return [np.random.default_rng(len(text)).normal(size=64).tolist() for text in texts]


@pytest.fixture
async def server() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as running:
        yield running


async def found(server: FakeOllama, vault: Path, data: Path, asked: str) -> SearchResult:
    embedder = OllamaEmbedder(model=BGE.name, url=server.url)
    notebook = Notebook(Vault(write(vault, NOTES)), data, embedder=embedder)
    report = await notebook.index()
    assert report.problems == []
    try:
        return await asyncio.to_thread(notebook.search_now, Query(question=asked))
    finally:
        notebook.close()
        embedder.close()


async def test_a_paraphrase_without_a_word_in_common_is_found_and_answered(server: FakeOllama, vault: Path, data: Path) -> None:
    server.always(Reply(embeddings=knowing), to=EMBED)
    result = await found(server, vault, data, "为啥它像鱼的记忆")
    assert result.hits[0].passage.path == "forget.md"
    assert not result.abstained


async def test_what_no_passage_means_is_not_answered(server: FakeOllama, vault: Path, data: Path) -> None:
    server.always(Reply(embeddings=knowing), to=EMBED)
    assert (await found(server, vault, data, "火星上住着谁")).abstained


@pytest.mark.parametrize(
    ("asked", "path"), [("米饭要先洗几遍？", "cook.md"), ("绿茶用多少度的水？", "tea.md"), ("灾难性遗忘", "forget.md")]
)
async def test_vectors_that_are_noise_do_not_hurt_a_lookup(
    server: FakeOllama, vault: Path, data: Path, asked: str, path: str
) -> None:
    server.always(Reply(embeddings=noise), to=EMBED)
    assert (await found(server, vault, data, asked)).hits[0].passage.path == path
