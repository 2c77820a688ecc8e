"""The outermost edge: whatever breaks inside becomes one plain sentence with a number, under which the log has the traceback."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from secrets import token_hex

from bot.llm.streams import closable
from bot.middleware.admission import say
from bot.middleware.queue import Closing
from bot.types import Answer, AnswerState, Ask, Question

log = logging.getLogger(__name__)


def edged(ask: Ask) -> Ask:
    """No exception leaves the stream, and a stream that says anything ends with a final snapshot.

    What people said is not logged; the traceback may hold it where a library put it into its message.
    """

    async def ask_safely(question: Question) -> AsyncIterator[Answer]:
        last: Answer | None = None
        try:
            async with aclosing(closable(ask(question))) as answers:
                async for last in answers:
                    yield last
            if last is None or last.final:
                return
            error = token_hex(4)
            log.error("error %s: an answer in %s ended without its last snapshot", error, question.place.key)
        except Closing:
            raise
        except Exception:
            error = token_hex(4)
            log.exception("error %s: a question in %s could not be answered", error, question.place.key)
            if last and last.final:
                return  # it has its answer; what broke came after
        yield _broken(question, last, error)

    return ask_safely


def _broken(question: Question, last: Answer | None, error: str) -> Answer:
    words = say("broken", question.person.language, error=error)
    shown = last.text.strip() if last and last.state is AnswerState.PARTIAL else ""
    return Answer(state=AnswerState.FAILED, text=f"{shown}\n\n{words}" if shown else words)
