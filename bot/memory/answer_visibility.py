"""The id of an answer, who names it and where go in; the id comes out where that answer may be told, and nothing elsewhere.

Ids come back in buttons, replies and reactions: from forwarded messages, from another chat, or made up. Whatever is looked up
by such an id (sources, receipt, question, thumbs) goes through here first, and an answer that may not be told is one that there
is not.
"""

from __future__ import annotations

from bot.memory.policy import whole
from bot.storage import Database
from bot.storage.memories import Audience, NotedTurns
from bot.types import Person, Place

NO_ANSWER = "-"
"""No answer has this id."""


class AnswerVisibility:
    """The answers that somebody may hear of."""

    def __init__(self, database: Database) -> None:
        self._turns = NotedTurns(database)

    async def told(self, answer_id: str, person: Person, place: Place) -> str:
        """`answer_id`, if that answer was given in this chat, and in private to this person; else `NO_ANSWER`."""
        turn = await self._turns.by_answer(answer_id) if answer_id else None
        return answer_id if turn and whole(turn.said, Audience.of(person, place)) else NO_ANSWER
