"""`NotesRetriever`: the notes as a retriever of LangChain, for chains of this program and of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.notebook import Notebook
from knowledge.notes import Vault
from knowledge.search.query import Query
from knowledge.search.searcher import SearchResult
from knowledge.types import Hit


class NotesRetriever(BaseRetriever):
    """Finds the passages that answer a question, best first; none where the notes have no answer.

    A document's text is an exact slice of its note, `[start:end]`; its metadata are `path`, `title`, `heading`, `start`, `end`
    (characters), `lines` (first and last, from 1), `score`, and `sentences`, the places of those that answer best.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    notebook: Any
    """A `Notebook` that is indexed."""
    k: int = 6
    """Passages at most."""

    @classmethod
    def of(cls, notes: Path | str, data: Path | str, *, k: int = 6) -> NotesRetriever:
        """Over a folder of notes, indexed here and now in the folder `data`; only what has changed since is read again.

        Raises:
            VaultProblem: `notes` is no folder that can be read.
        """
        notebook = Notebook(Vault(Path(notes)), Path(data))
        notebook.index_now()
        return cls(notebook=notebook, k=k)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return _documents(self.notebook.search_now(Query(question=query, count=self.k)))

    async def _aget_relevant_documents(self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun) -> list[Document]:
        return _documents(await self.notebook.search(Query(question=query, count=self.k)))


def _documents(found: SearchResult) -> list[Document]:
    return [] if found.abstained else [_document(hit) for hit in found.hits]


def _document(hit: Hit) -> Document:
    passage = hit.passage
    metadata = {
        "path": passage.path,
        "title": passage.title,
        "heading": list(passage.heading),
        "start": passage.start,
        "end": passage.end,
        "lines": list(passage.lines),
        "score": hit.score,
        "sentences": [(passage.start + one.start, passage.start + one.end) for one in hit.sentences],
    }
    return Document(id=passage.id, page_content=passage.text, metadata=metadata)
