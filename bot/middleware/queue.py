"""One answer at a time in a place, in the order of asking; places do not wait for each other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from bot.llm.streams import closable
from bot.middleware.admission import Admit, Refusal, say
from bot.types import Answer, AnswerState, Ask, Place, Question


class Closing(Exception):
    """The program ends before the question's turn came; it stays in the ledger and is answered after the next start."""


def until_closing(ask: Ask) -> Ask:
    """The stream just ends where a question's turn does not come any more."""

    async def ask_until_closing(question: Question) -> AsyncIterator[Answer]:
        with suppress(Closing):
            async with aclosing(closable(ask(question))) as answers:
                async for answer in answers:
                    yield answer

    return ask_until_closing


class Ticket:
    """A question's place in its line."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.begun = False
        self.stopped = False
        self.moved = asyncio.Event()


class QuestionQueues:
    """The questions that wait, place by place. A place without any takes no memory."""

    def __init__(self, *, depth: int, places: int) -> None:
        self._depth = depth
        self._places = places
        self._lines: dict[str, deque[Ticket]] = {}
        self._closing = False

    def in_order(self, ask: Ask, *, admit: Admit) -> Ask:
        """Let `ask` answer one question of a place at a time; the next begins when the last snapshot of this one is drawn.

        The question stands in line before `admit` is asked, so that a slow decision changes no order; whoever is refused
        leaves the line and does not wait for the others' answers first.
        """

        async def ordered(question: Question) -> AsyncIterator[Answer]:
            ticket = self._join(question)
            try:
                refusal = await admit(question)
                if not refusal:
                    async for answer in self._answered(ticket, ask):
                        yield answer
            finally:
                self._leave(ticket)
            if refusal and refusal.line:  # nobody waits until it is drawn
                yield Answer(state=AnswerState.REFUSED, text=refusal.line, patient=refusal.patient)

        return ordered

    async def _answered(self, ticket: Ticket, ask: Ask) -> AsyncIterator[Answer]:
        """The answer, when its turn has come."""
        question = ticket.question
        while ahead := self._ahead(ticket):
            yield Answer(state=AnswerState.THINKING, text=say("queued", question.person.language, count=ahead))
            await ticket.moved.wait()
        if ticket.stopped:
            yield Answer(state=AnswerState.STOPPED, text=say("stopped", question.person.language))
            return
        async with aclosing(closable(ask(question))) as answers:
            async for answer in answers:
                yield answer

    def waiting(self, place: Place, inbound: str) -> Ticket | None:
        """The question of the event `inbound`, while its turn has not come."""
        line = self._lines.get(place.key, ())
        return next((ticket for ticket in line if not ticket.begun and ticket.question.inbound == inbound), None)

    def stop(self, ticket: Ticket) -> None:
        """The question is not answered any more."""
        ticket.stopped = True
        ticket.moved.set()

    async def refuse(self, question: Question) -> Refusal | None:
        """Too many wait already, in the place or in all; asked about a question that stands in line."""
        if self._closing:
            raise Closing
        ahead = len(self._lines.get(question.place.key, ())) - 1
        if ahead > self._depth:
            return Refusal(line=say("queue_full", question.person.language, count=self._depth))
        if len(self._lines) > self._places:
            return Refusal(line=say("busy", question.person.language))
        return None

    def close(self) -> None:
        """Nobody's turn comes any more; who waits is sent away by `Closing`."""
        self._closing = True
        for line in self._lines.values():
            for ticket in line:
                ticket.moved.set()

    @property
    def places(self) -> int:
        """How many places have a line."""
        return len(self._lines)

    def _ahead(self, ticket: Ticket) -> int:
        """How many are before it, 0 when it need not wait any longer; `moved` tells when to ask again.

        Raises:
            Closing: its turn will not come.
        """
        if self._closing:
            raise Closing
        ticket.moved.clear()
        ahead = self._lines[ticket.question.place.key].index(ticket)
        ticket.begun = not ahead
        return 0 if ticket.stopped else ahead

    def _join(self, question: Question) -> Ticket:
        ticket = Ticket(question)
        self._lines.setdefault(question.place.key, deque()).append(ticket)
        return ticket

    def _leave(self, ticket: Ticket) -> None:
        place = ticket.question.place.key
        line = self._lines[place]
        line.remove(ticket)
        for other in line:
            other.moved.set()
        if not line:
            del self._lines[place]
