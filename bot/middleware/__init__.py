"""What stands between the chat platforms and the assistant: who may ask, how often, one at a time, not twice, stoppable."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from bot.middleware.access import AccessControl, Decision, Role, pairing_code_in
from bot.middleware.admission import finishing, first_refusal, not_again
from bot.middleware.cancellation import RunningAnswers, StopResult, stop
from bot.middleware.errors import edged
from bot.middleware.queue import QuestionQueues, until_closing
from bot.middleware.rate_limit import RateLimiter
from bot.settings import Settings
from bot.storage import AccessList, ChatSettings, Database, Ledger, Pairing, StateProblem, Tallies
from bot.types import Ask, Person, Place

__all__ = [
    "AccessControl",
    "Decision",
    "Middleware",
    "QuestionQueues",
    "RateLimiter",
    "Role",
    "RunningAnswers",
    "StopResult",
    "guarded",
    "pairing_code_in",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Middleware:
    """The guards of one process; all platforms share them."""

    door: AccessControl
    limited: RateLimiter
    lines: QuestionQueues
    running: RunningAnswers
    ledger: Ledger
    places: ChatSettings
    tallies: Tallies

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Middleware:
        tallies = Tallies(database)
        door = AccessControl(settings, people=AccessList(database), pairing=Pairing(database), tallies=tallies)
        limits = settings.limits
        return cls(
            door=door,
            limited=RateLimiter(limits, tallies=tallies, is_exempt=door.is_admin),
            lines=QuestionQueues(depth=limits.queue, places=limits.places),
            running=RunningAnswers(),
            ledger=Ledger(database),
            places=ChatSettings(database),
            tallies=tallies,
        )

    async def stop(self, place: Place, by: Person, *, inbound: str = "") -> StopResult:
        """Stop what is being answered in a place, or the answer to the event `inbound`, begun or not."""
        admin = await self.door.is_admin(by, place)
        return stop(self.lines, self.running, place, by, admin=admin, inbound=inbound)

    async def expect(self, person: Person, place: Place) -> None:
        """Look up what a question will need, while it is taken into the ledger; it is known for a moment then.

        What cannot be looked up is nobody's concern yet: whoever needs it asks again, and events that are in the ledger
        must not be taken for lost because of it.
        """
        with suppress(StateProblem):
            await asyncio.gather(self.places.of(place), self.door.standing(person, place))

    async def drain(self, grace_s: float) -> None:
        """Begin nothing more; return when every answer that has begun is drawn, cut off after `grace_s` seconds."""
        self.lines.close()
        await self.running.drain(grace_s)

    async def move(self, old: Place, new: Place) -> None:
        """A chat has a new id: its turns, settings, events and permissions go along."""
        await self.ledger.move_place(old, new)
        self.places.forget()
        await self.door.moved(old, new)

    async def prune(self) -> None:
        """Forget what is no longer needed; for once in a while."""
        await self.ledger.prune()
        await self.tallies.prune()


def guarded(ask: Ask, guards: Middleware) -> Ask:
    """All guards around `ask`, in the one order that works.

    From the outside: a question stands in its place's line before anything is awaited, so that the order is that of asking.
    It is looked at (is it new, may they ask, how many wait, how often), then waits for its turn; it can be stopped while it
    waits and while it is answered. It leaves the line, and its event is finished, when its last snapshot was delivered. What
    breaks in the answer, at the door or in the ledger is said in a sentence, which counts as the answer.
    """
    admit = first_refusal(not_again(guards.ledger), guards.door.refuse, guards.lines.refuse, guards.limited.refuse)
    answered = edged(guards.running.stoppable(ask))
    in_order = edged(guards.lines.in_order(answered, admit=admit))
    return until_closing(edged(finishing(in_order, guards.ledger)))
