"""Who may stop which answer."""

from __future__ import annotations

from enum import StrEnum

from bot.middleware.cancellation import RunningAnswers
from bot.middleware.queue import QuestionQueues
from bot.middleware.refusals import say
from bot.types import Language, Person, Place


class StopResult(StrEnum):
    """What came of a wish to stop."""

    YES = "yes"
    NOT_YOURS = "not_yours"
    NOTHING = "nothing"

    def line(self, language: Language) -> str:
        """What to say; nothing when it worked, the answer itself says so."""
        if self is StopResult.YES:
            return ""
        return say("not_yours_to_stop", language) if self is StopResult.NOT_YOURS else say("nothing_to_stop", language)


def stop(
    lines: QuestionQueues, running: RunningAnswers, place: Place, by: Person, *, admin: bool, inbound: str = ""
) -> StopResult:
    """Stop what is being answered in a place, or the event `inbound`, begun or not. Who asked may, and an admin."""
    begun = running.begun(place, inbound)
    waits = lines.waiting(place, inbound) if inbound and not begun else None
    found = begun or waits
    if not found:
        return StopResult.NOTHING
    if not admin and found.question.person.key != by.key:
        return StopResult.NOT_YOURS
    if waits:
        lines.stop(waits)
        return StopResult.YES
    return StopResult.YES if begun and begun.stop("stopped") else StopResult.NOTHING
