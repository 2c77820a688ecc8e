"""`answer_chain`: notes, prompt and model as one chain of LangChain, for other programs to build on."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough

import prompts
from bot.rag.prompt_builder import template, told
from bot.types import Citation, Language


def answer_chain(retriever: BaseRetriever, model: BaseChatModel, language: Language = "zh") -> Runnable[str, dict[str, Any]]:
    """From a question to `{"question", "documents", "answer"}`, told to the model as this program tells it.

    `retriever` is a `NotesRetriever`, or anything that gives documents with its metadata. The answer is the model's own words:
    neither cited nor checked, which `Assistant` does.
    """

    def prompt_of(found: dict[str, Any]) -> dict[str, str]:
        words = prompts.load("answer")
        system = words.say("system", language, length=words.say("length_normal", language))
        return {"system": system, "told": told(found["question"], _numbered(found["documents"]), language)}

    asked: Runnable[str, Any] = RunnableLambda(lambda question: {"question": question})
    found = RunnablePassthrough.assign(documents=itemgetter("question") | retriever)
    return asked | found | RunnablePassthrough.assign(answer=prompt_of | template() | model | StrOutputParser())


def _numbered(documents: Sequence[Document]) -> list[Citation]:
    return [
        Citation(
            n=n,
            path=one.metadata["path"],
            title=one.metadata["title"],
            heading=tuple(one.metadata["heading"]),
            lines=tuple(one.metadata["lines"]),
            start=one.metadata["start"],
            end=one.metadata["end"],
            text=one.page_content,
            passage=one.id or "",
            note_digest="",
        )
        for n, one in enumerate(documents, 1)
    ]
