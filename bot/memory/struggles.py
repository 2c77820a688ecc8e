"""Struggles: what a person finds hard, from failed cards, thumbs down and follow-up questions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.memory.policy import may_enter
from bot.memory.topics import own_words, rate
from bot.memory.validation import clean, decide, presentable
from bot.storage.memories import Audience, Item, Items, NewItem, NotedTurns, TurnWithText
from bot.types import Person, Place

LONGEST = 120
"""Characters of a question that stands for its topic, where its answer has no source."""
WAITING = 100
"""Follow-ups that wait to be looked at; they are hints, and those that wait when the program ends are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Somebody replied to an answer, or had it given again."""

    person: Person
    place: Place
    earlier: str
    """The id of the answer it replies to."""
    later: str
    """The id of the answer it got."""
    again: bool
    """The same question, for a better answer."""


class Difficulties:
    """What is hard for whom. Whether anything is to be remembered is for the caller to know."""

    def __init__(self, turns: NotedTurns, items: Items, *, most: int, clock: Callable[[], float]) -> None:
        self._turns = turns
        self._items = items
        self._most = most
        self._clock = clock
        self._follow_ups: deque[FollowUp] = deque(maxlen=WAITING)

    async def card_failed(self, person: Person, place: Place, what: str) -> bool:
        """False if `what` is no fit thing to remember."""
        return await self._keep(Audience.of(person, place), clean(what))

    async def thumbs_down(self, person: Person, place: Place, answer_id: str) -> bool:
        """What the answer was about; False if the person did not ask for it, or has said so before."""
        here, turn = Audience.of(person, place), await self._own(person, place, answer_id)
        if turn is None:
            return False
        known = await self._known(here)
        await rate(turn, self._items, known, most=self._most)
        if any(turn.id in item.turns for item in known if item.kind == "hard"):
            return False
        return await self._keep(here, _topic(turn), turn)

    async def taken_back(self, person: Person, place: Place, answer_id: str) -> None:
        """What nothing but that thumb bears out is not hard any more."""
        here, turn = Audience.of(person, place), await self._own(person, place, answer_id)
        if turn:
            known = await self._known(here)
            await rate(turn, self._items, known, most=self._most)
            hard = (item for item in known if item.kind == "hard")
            await self._items.delete([item.id for item in hard if item.turns == (turn.id,) and item.times == 1])

    def follow(self, follow_up: FollowUp) -> None:
        """To be looked at in the background."""
        self._follow_ups.append(follow_up)

    async def look_at_follow_ups(self) -> None:
        """Who asks on about the heading that the last answer came from, or wants it better, found that hard."""
        while self._follow_ups:
            one = self._follow_ups.popleft()
            earlier, later = [await self._own(one.person, one.place, answer) for answer in (one.earlier, one.later)]
            if earlier is None or later is None:
                continue
            shared = [topic for topic in earlier.topics if one.again or topic in later.topics]
            if shared:
                await self._keep(Audience.of(one.person, one.place), shared[0], earlier, later)

    async def _own(self, person: Person, place: Place, answer_id: str) -> TurnWithText | None:
        """The person's own turn, if it may be told here."""
        turn = await self._turns.by_answer(answer_id)
        return turn if turn and turn.person == person.key and may_enter(turn.said, Audience.of(person, place)) else None

    async def _known(self, here: Audience) -> Sequence[Item]:
        return await self._items.visible(here.person, here.chat, private=here.private)

    async def _keep(self, here: Audience, text: str, *turns: TurnWithText) -> bool:
        """With the scope of the turns it comes from, or of where it happened."""
        if not presentable(text):
            return False
        said = turns[0].said if turns else here.said
        item = NewItem(said=said, kind="hard", text=text, at=self._clock(), turns=tuple(turn.id for turn in turns))
        await self._items.take_in([item], decide, most=self._most)
        return True


def _topic(turn: TurnWithText) -> str:
    """In the words of who asked: the headings are what did not help."""
    return (own_words(turn.asked) or clean(turn.asked))[:LONGEST]
