"""Searches the notes as a chat does: for the message itself, and for what it leans on only as far as that helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.llm import ChatModel
from bot.rag.comparison import compared
from bot.rag.conversation import Conversation, EarlierTurn
from bot.rag.message_kind import MessageKind, MessageReading, read_message
from bot.rag.query_rewriter import rewritten, translated
from bot.rag.reranker import reranked
from knowledge.notebook import LEANS, STRONG, Context, Notebook, Query, SearchResult

QUOTED = 300
"""Characters of a quoted message that count."""
TOLD = 2
"""Earlier questions that a model is told which writes a question anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """What a model does for a search; each can be measured alone with `notesbot eval`."""

    rewrite: bool = False
    """Write a question that leans on earlier turns so that it stands alone."""
    translate: bool = False
    """Ask in the other language too."""
    rerank: bool = False
    """Put the best passages in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message with what may be known of where it was said."""

    text: str
    person: str = ""
    before: Sequence[EarlierTurn] = ()
    """The turns before it in its place, oldest first."""
    replied: bool = False
    """True when it replies to the answer of the last turn."""
    quoted: str = ""
    """Words of somebody's message that it replies to."""


class Finder:
    """Searches one notebook; without a model, by rules alone."""

    def __init__(self, notebook: Notebook, *, model: ChatModel | None = None, help_: QueryOptions | None = None) -> None:
        self.notebook = notebook
        self._model = model
        self._help = help_ or QueryOptions()

    async def find(self, said: Said, reading: MessageReading | None = None, *, count: int = 10) -> SearchResult:
        """What the notes hold for a message, which reads as `reading`."""
        reading = reading or read_message(said.text or said.quoted)
        if reading.kind is MessageKind.CORRECTS:
            said, reading = replace(said, before=said.before[:-1]), read_message(reading.words)
        query = Query(question=reading.words, count=count)
        if self._model and self._help.translate and (other := await translated(self._model, query.question)):
            query = replace(query, also=(other,))
        found = await self._found(query, said, reading)
        if self._model and self._help.rerank and not found.abstained:
            found = replace(found, hits=await reranked(self._model, found.searched, found.hits))
        return found

    async def _found(self, query: Query, said: Said, reading: MessageReading) -> SearchResult:
        """By the message alone when it needs nothing else, or when nothing was said that it could lean on."""
        if reading.kind is MessageKind.COMPARES:
            return await compared(self.notebook.search, query, reading)
        alone = None
        if reading.kind is not MessageKind.LEANS and not said.quoted:
            alone = await self.notebook.search(query)
            if alone.strength >= STRONG:
                return alone
        context = await self._context(said, reading)
        found = await self.notebook.search(replace(query, context=context)) if context or not alone else alone
        if self._model and self._help.rewrite and (found.leaned >= LEANS or reading.kind is MessageKind.LEANS):
            return await self._rewritten(self._model, query, said) or found
        return found

    async def _context(self, said: Said, reading: MessageReading) -> Context | None:
        if said.quoted:
            sure = reading.kind is MessageKind.LEANS
            return Context(questions=((said.quoted[:QUOTED], 1.0),), sure=sure) if said.text else None
        conversation = Conversation(turns=said.before, search=self.notebook.search)
        return await conversation.context_of(reading, person=said.person, replied=said.replied)

    async def _rewritten(self, model: ChatModel, query: Query, said: Said) -> SearchResult | None:
        """With the question as a model writes it to stand alone, which knows what the person asked before."""
        own = [turn.question for turn in said.before if said.replied or turn.person == said.person][-TOLD:]
        written = await rewritten(model, query.question, own) if own else ""
        return await self.notebook.search(replace(query, question=written)) if written else None
