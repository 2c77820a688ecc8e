"""Searches the notes as a chat does: for the message itself, and for what it leans on only as far as that helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.llm import ChatModel
from bot.rag.comparison import compared
from bot.rag.conversation import Conversation, EarlierTurn
from bot.rag.enrichment import translated
from bot.rag.message_kind import MessageKind, MessageReading, read_message
from knowledge.notebook import STRONG, Context, Notebook, Query, SearchResult

QUOTED = 300
"""Characters of a quoted message that count."""


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
    corrects: bool = False
    """True when it rejects what the person was answered last."""


class Finder:
    """Searches one notebook; a question is searched for in the other language too where there is a `translator`."""

    def __init__(self, notebook: Notebook, *, translator: ChatModel | None = None) -> None:
        self.notebook = notebook
        self._translator = translator

    async def find(self, said: Said, reading: MessageReading | None = None, *, count: int = 10) -> SearchResult:
        """What the notes hold for a message, which reads as `reading`."""
        reading = reading or read_message(said.text or said.quoted)
        if reading.kind is MessageKind.CORRECTS:
            said, reading = replace(said, corrects=True), read_message(reading.words)
        query = Query(question=reading.words, count=count)
        if self._translator and (other := await translated(self._translator, query.question)):
            query = replace(query, also=(other,))
        return await self._found(query, said, reading)

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
        return await self.notebook.search(replace(query, context=context)) if context or not alone else alone

    async def _context(self, said: Said, reading: MessageReading) -> Context | None:
        if said.quoted:
            sure = reading.kind is MessageKind.LEANS
            return Context(questions=((said.quoted[:QUOTED], 1.0),), sure=sure) if said.text else None
        conversation = Conversation(turns=said.before, search=self.notebook.search)
        return await conversation.context_of(reading, person=said.person, replied=said.replied, corrects=said.corrects)
