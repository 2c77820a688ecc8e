"""Retriever: what the notes hold for a question and its context, with a model's help where that is switched on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.llm import ChatModel
from bot.rag.query import STANDING, TURNS, leans, search_for
from bot.rag.query_rewriter import rewritten, translated
from bot.rag.reranker import reranked
from knowledge.notebook import Notebook, Query, SearchResult


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """What a model does for a search; each can be measured alone with `notesbot eval`."""

    rewrite: bool = False
    """Write a question that leans on earlier turns so that it stands alone."""
    translate: bool = False
    """Ask in the other language too."""
    rerank: bool = False
    """Put the best passages in order."""


class Finder:
    """Searches one notebook as a chat does; without a model, by rules alone."""

    def __init__(self, notebook: Notebook, *, model: ChatModel | None = None, help_: QueryOptions | None = None) -> None:
        self.notebook = notebook
        self._model = model
        self._help = help_ or QueryOptions()

    async def find(self, question: str, earlier: Sequence[str] = (), *, count: int = 10) -> SearchResult:
        """Search for `question` after `earlier` turns: what was asked and what was answered, by turns, oldest first."""
        search = search_for(question, earlier, count=count)
        if self._model is None:
            return await self.notebook.search(search)
        return await self._with_help(self._model, search, earlier)

    async def _with_help(self, model: ChatModel, search: Query, earlier: Sequence[str]) -> SearchResult:
        if self._help.rewrite:
            search = await _standing_alone(model, search, earlier)
        if self._help.translate and (other := await translated(model, search.question)):
            search = replace(search, also=(other,))
        found = await self.notebook.search(search)
        if self._help.rerank and not found.abstained:
            found = replace(found, hits=await reranked(model, search.question, found.hits))
        return found


async def _standing_alone(model: ChatModel, search: Query, earlier: Sequence[str]) -> Query:
    """Rules first: the model is asked for a question that leans on something. What it leans on still counts a little."""
    before = [words for words in earlier[-2 * TURNS :] if words.strip()]
    if not before or not await asyncio.to_thread(leans, search.question):
        return search
    written = await rewritten(model, search.question, before)
    if not written:
        return search
    history = (*before, search.question)
    return replace(search, question=written, standalone=written, history=history, history_share=STANDING)
