"""What was asked before, as far as a message leans on it: found by following the conversation back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.rag.message_kind import MessageKind, MessageReading, read_message
from bot.rag.smalltalk import Talk, talk_of
from knowledge.notebook import LEANS, Context, Query, SearchResult
from knowledge.text import telling_terms

BACK = 4
"""Turns of the same person that are tried, until one is found that the notes answered."""
STEP = 0.5
"""What a step further in a subject weighs beside the question that named the subject."""
KEPT = 2
"""Questions before that step which stay in the context."""
NAMED = 0.4
"""The most that an earlier question counts to which a message goes back by name: it says itself what it is about."""
SEARCHED = frozenset(
    {MessageKind.ALONE, MessageKind.UNCLEAR, MessageKind.LEANS, MessageKind.BACK, MessageKind.CORRECTS, MessageKind.COMPARES}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTurn:
    """A question that was asked before in the same place."""

    question: str
    person: str = ""
    answered: bool = True
    """False when it is known that the notes did not answer it: of such a turn only the words of a step further are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Followed:
    """An earlier turn with what it leant on itself."""

    chain: tuple[tuple[str, float], ...]
    section: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Conversation:
    """The turns before a message, oldest first; `search` looks their questions up again, since answers may have been wrong."""

    turns: Sequence[EarlierTurn]
    search: Callable[[Query], Awaitable[SearchResult]]
    _followed: dict[int, _Followed | None] = field(default_factory=dict)

    async def context_of(
        self, reading: MessageReading, *, person: str, replied: bool = False, corrects: bool = False
    ) -> Context | None:
        """What a message of `person` leans on; with `replied`, it is a reply to the answer of the last turn.

        With `corrects` it rejects the person's last turn, and leans on none of it.
        """
        return await self._context(reading, person, len(self.turns), replied=replied, corrects=corrects)

    async def _context(
        self, reading: MessageReading, person: str, before: int, *, replied: bool = False, corrects: bool = False
    ) -> Context | None:
        if reading.kind is MessageKind.BACK and (named := self._named(reading.words, before)) is not None:
            followed = await self._follow(named)
            return Context(questions=followed.chain[:1], section=followed.section, most=NAMED) if followed else None
        if reading.kind not in (MessageKind.UNCLEAR, MessageKind.LEANS, MessageKind.BACK):
            return None
        for at in self._candidates(person, before, replied=replied, rejected=corrects):
            if followed := await self._follow(at):
                return Context(questions=followed.chain, section=followed.section, sure=reading.kind is not MessageKind.UNCLEAR)
        return None

    def _candidates(self, person: str, before: int, *, replied: bool, rejected: bool) -> Iterator[int]:
        """The turn replied to; otherwise the person's own, never another one's, and none that a no came after."""
        if replied:
            yield from () if rejected else (before - 1,)
            return
        own = [at for at in range(before) if self.turns[at].person == person]
        for at in reversed(own[-BACK:]):
            if talk_of(self.turns[at].question) is Talk.DISSENT:
                rejected = True
            elif rejected:
                rejected = False
            else:
                yield at

    async def _follow(self, at: int) -> _Followed | None:
        if at not in self._followed:
            self._followed[at] = await self._looked_up(at)
        return self._followed[at]

    async def _looked_up(self, at: int) -> _Followed | None:
        turn = self.turns[at]
        reading = read_message(turn.question)
        if reading.kind not in SEARCHED or not reading.words:
            return None
        context = await self._context(reading, turn.person, at)
        if not turn.answered and context is None:
            return None
        found = await self.search(Query(question=reading.words, context=context, count=1))
        answered = turn.answered and not (found.abstained or found.near)
        if context is None or found.leaned < LEANS:
            return _Followed(chain=((reading.words, 1.0),), section=_section(found)) if answered else None
        section = _section(found) if answered else context.section
        return _Followed(chain=((reading.words, STEP), *context.questions[:KEPT]), section=section)

    def _named(self, words: str, before: int) -> int | None:
        """The turn that shares most with what the message names, the later of two; anybody's, since it is named."""
        own = telling_terms(words)
        shared = [(sum(map(len, own & telling_terms(self.turns[at].question))), at) for at in range(before)]
        most, at = max(shared, default=(0, 0))
        return at if most > 1 else None


def _section(found: SearchResult) -> tuple[str, ...]:
    passage = found.hits[0].passage
    return (passage.path, *passage.heading)
