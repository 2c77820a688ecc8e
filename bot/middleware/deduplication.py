"""Not twice: a question whose event is finished is not answered again, and one that was answered is finished."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from bot.middleware.refusals import Admit, Refusal
from bot.storage import Ledger
from bot.streams import closable
from bot.types import Answer, Ask, Question


def not_again(ledger: Ledger) -> Admit:
    """Silence for what the ledger does not hold as unfinished; questions without an inbound key pass."""

    async def admit(question: Question) -> Refusal | None:
        unfinished = not question.inbound or await ledger.is_unfinished(question.inbound)
        return None if unfinished else Refusal()

    return admit


def finishing(ask: Ask, ledger: Ledger) -> Ask:
    """Finish the event when the platform comes back for more after the last snapshot: then it has delivered that one.

    A platform that goes away before (it was cancelled, the program was killed) leaves the event to the next start, and so
    does the end of the program before the question's turn. What was answered with silence is finished.
    """

    async def ask_and_finish(question: Question) -> AsyncIterator[Answer]:
        last: Answer | None = None
        async with aclosing(closable(ask(question))) as answers:
            async for last in answers:
                yield last
        if question.inbound:
            await ledger.done(question.inbound, answer=last.id if last else "")

    return ask_and_finish
