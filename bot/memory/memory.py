"""Memory facade: recall for a question, take note of stored turns, always within the scope law."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from bot.llm import ChatModel
from bot.llm.tokens import Estimate, estimate_tokens
from bot.memory.context import Export, MemorySnapshot, RecalledTurn, Remembered, pack_memory
from bot.memory.deletion import Kept, MemoryDeletion, export_of
from bot.memory.extraction import about_of
from bot.memory.policy import allowed, label, may_enter, whole
from bot.memory.recall import TurnIndexCache, TurnMatch
from bot.memory.struggles import Difficulties, FollowUp
from bot.memory.validation import clean, decide, presentable
from bot.memory.worker import IdleGate, Worker
from bot.settings import MemorySettings
from bot.storage import Database, Persons, Transaction, Turn
from bot.storage.memories import Audience, Item, Items, MemoryPreferences, NewItem, NotedTurns, TurnWithText, read_here
from bot.storage.memories.turns import texts
from bot.types import Answer, Language, Person, Place, Question, language_of

NOTHING = Remembered()
RECALLED = 8
"""The most earlier turns in one prompt."""
FITS, BESIDE_BEST = 0.2, 0.35
"""Nothing is recalled unless some turn holds this part of the question's weight; then, what scores this part of the best."""
EVERY_S = 3600.0
"""How often what is too old is looked for."""


class Memory:
    """The memory of each person and place. `work` must run beside the bots for anything to be remembered."""

    def __init__(
        self,
        database: Database,
        model: ChatModel | None,
        settings: MemorySettings,
        *,
        clock: Callable[[], float] = time.time,
        estimate: Estimate = estimate_tokens,
        forgotten: Callable[[], None] = lambda: None,
    ) -> None:
        """`forgotten` is called when something was forgotten, for those who keep what was made of it."""
        self.settings = settings
        self._forgotten = forgotten
        self._database = database
        self._clock = clock
        self._estimate = estimate
        self._turns = NotedTurns(database)
        self._items = Items(database)
        self._places = MemoryPreferences(database)
        self._persons = Persons(database)
        self.forget = MemoryDeletion(database, changed=self._changed)
        self._quiet = IdleGate(settings.quiet_s, clock=time.monotonic)
        self._shelf = TurnIndexCache(most_turns=settings.turns)
        self._worker = Worker(database, model, settings, quiet=self._quiet, clock=clock, noted=self._shelf.noted)
        self._difficulties = Difficulties(self._turns, self._items, most=settings.items, clock=clock)
        self._awake = asyncio.Event()
        self._tidied = 0.0

    async def recall(self, question: Question, window: Sequence[Turn] = (), *, budget: int) -> Remembered:
        """What may be told where `question` was asked and fits it, in no more than `budget` tokens.

        `window` are the turns that the prompt holds anyway: they are not recalled.
        """
        self._quiet.disturb()
        here = Audience.of(question.person, question.place)
        if not self.settings.enabled or budget <= 0 or question.alone:
            return NOTHING
        skip = {turn.answer_id for turn in window}
        return await self._database.read(lambda connection: self._read(connection, question, here, skip, budget=budget))

    async def after(self, question: Question, answer: Answer) -> None:
        """To be called when an answer is stored; the rest happens in the background."""
        if not await self._remembers(question.person, question.place):
            await self._turns.leave_out(answer.id)
        elif question.reply_to:
            again = question.again or question.deep
            self._difficulties.follow(
                FollowUp(person=question.person, place=question.place, earlier=question.reply_to, later=answer.id, again=again)
            )
        self._awake.set()

    async def work(self, stop: asyncio.Event) -> None:
        """Do what is due until `stop` is set: take note of turns, summarise, delete what is too old."""
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                await self._tidy()
                await self._difficulties.look_at_follow_ups()
                if self.settings.enabled and await self._worker.step():
                    continue
                woken = asyncio.ensure_future(self._awake.wait())
                await asyncio.wait({stopped, woken}, timeout=EVERY_S / 60, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
                self._awake.clear()
        finally:
            stopped.cancel()

    async def settle(self) -> None:
        """Do all that can be done now, and return."""
        await self._tidy()
        await self._difficulties.look_at_follow_ups()
        while self.settings.enabled and await self._worker.step():
            pass

    async def items(self, person: Person, place: Place, *, history: bool = False) -> tuple[Item, ...]:
        """What is known of a person and may be told at a place."""
        return await self._visible(Audience.of(person, place), history=history)

    async def remember(self, person: Person, place: Place, text: str) -> bool:
        """Keep what a person asks to be remembered; False if it is no fit thing to remember."""
        words = clean(text)
        if not presentable(words):
            return False
        item = NewItem(said=Audience.of(person, place).said, kind="told", text=words, at=self._clock(), about=about_of(words)[1])
        await self._items.take_in([item], decide, most=self.settings.items)
        return True

    async def correct(self, person: Person, place: Place, item: int, text: str) -> bool:
        """Put something else in the place of an item of one's own, which is gone then, with its history."""
        old = await self.own_item(person, place, item)
        if old is None or not presentable(clean(text)):
            return False
        await self.forget.item(person, place, item)
        new = NewItem(said=old.said, kind="told", text=clean(text), at=self._clock(), about=old.about)
        await self._items.take_in([new], decide, most=self.settings.items)
        return True

    async def own_item(self, person: Person, place: Place, item: int) -> Item | None:
        """An item, if it is the person's own and may be told here."""
        found = await self._items.by_id(item)
        mine = found is not None and found.said.person == person.key and may_enter(found.said, Audience.of(person, place))
        return found if mine else None

    async def found_hard(self, person: Person, place: Place, what: str) -> bool:
        """A card that was failed: its heading or prompt. False if it is not remembered."""
        return await self._remembers(person, place) and await self._difficulties.card_failed(person, place, what)

    async def thumbs_down(self, person: Person, place: Place, answer_id: str) -> bool:
        """An answer that did not help: what it was about is hard for the person who asked."""
        await self._worker.note_all()
        return await self._remembers(person, place) and await self._difficulties.thumbs_down(person, place, answer_id)

    async def thumbs_down_taken_back(self, person: Person, place: Place, answer_id: str) -> None:
        """The answer helped after all."""
        await self._worker.note_all()
        await self._difficulties.taken_back(person, place, answer_id)

    async def is_off(self, person: Person, place: Place) -> bool:
        """Whether the person wants nothing remembered here."""
        return bool(await self._places.off(person.key) & {"", Audience.of(person, place).chat})

    async def switch(self, person: Person, place: Place, *, on: bool) -> None:
        """Stop or resume remembering a person: asked in a group, for that group; in private, everywhere."""
        await self._worker.note_all()  # what was said before was said under the old setting
        await self._places.switch(Audience.of(person, place), on=on)

    async def reset(self, person: Person, place: Place) -> None:
        """Begin the place's window anew. Who may do so is the platform's business."""
        await self._places.reset(Audience.of(person, place), at=self._clock())
        self._forgotten()  # answers may rest on the window before

    async def clear_place(self, person: Person, place: Place) -> None:
        """Forget the place's summaries, window and archive, for its admins; what persons said stays theirs, in private.

        In a private chat this is the window only: there, memory is the person's own.
        """
        if place.private:
            await self.reset(person, place)
            return
        await self._worker.note_all()
        await self._places.clear(Audience.of(person, place), at=self._clock())
        self._changed()

    async def export(self, person: Person, place: Place) -> Export:
        """All that is stored about a person and may be told here; what has no place (cards, thumbs, choices) in private only."""
        here = Audience.of(person, place)
        items = await self._visible(here, history=True)
        turns = allowed(await self._turns.of_person(person.key), here)
        shown = tuple((turn, whole(turn.said, here)) for turn in turns)
        language: Language = person.language
        others = await self._persons.rows(person) if place.private else {}
        return export_of(person, Kept(items=items, turns=shown, others=others), at=self._clock(), language=language)

    async def quotes(self, person: Person, place: Place, items: Sequence[Item]) -> dict[int, str]:
        """For each item with source turns, what was said in the newest of them."""
        newest = {item.id: max(item.turns) for item in items if item.turns}
        turns = allowed(await self._turns.by_id(set(newest.values())), Audience.of(person, place))
        asked = {turn.id: turn.asked for turn in turns if turn.person == person.key}
        return {item: asked[turn] for item, turn in newest.items() if turn in asked}

    async def _remembers(self, person: Person, place: Place) -> bool:
        return self.settings.enabled and not await self.is_off(person, place)

    async def _visible(self, here: Audience, *, history: bool = False) -> tuple[Item, ...]:
        found = await self._items.visible(here.person, here.chat, private=here.private, history=history)
        return allowed(found, here)

    def _read(self, connection: Transaction, question: Question, here: Audience, skip: set[str], *, budget: int) -> Remembered:
        turns = self._recalled(connection, question, here, skip)
        there = read_here(connection, here)
        if there.off:
            return NOTHING
        known = MemorySnapshot(
            who=label(question.person.name, question.person.key),
            items=allowed(there.items, here),
            place=there.text,
            place_ids=there.made_of,
            place_at=there.at,
            turns=turns,
        )
        language = language_of(question.words, question.person.language)
        return pack_memory(known, question.words, budget=budget, language=language, estimate=self._estimate)

    def _recalled(self, connection: Transaction, question: Question, here: Audience, skip: set[str]) -> tuple[RecalledTurn, ...]:
        found = self._shelf.search(connection, question.words, here, now=self._clock(), limit=RECALLED + len(skip))
        fitting = [match.turn for match in _fitting(found)]
        turns = {turn.id: turn for turn in allowed(texts(connection, fitting), here)}
        kept = [turns[each] for each in fitting if each in turns and turns[each].answer_id not in skip]
        return tuple(_recalled(turn, here) for turn in kept)[:RECALLED]

    async def _tidy(self) -> None:
        """Delete what is too old, and what is too much, once in an hour."""
        if self._clock() - self._tidied < EVERY_S:
            return
        self._tidied = self._clock()
        await self.forget.old(self.settings, now=self._clock())

    def _changed(self) -> None:
        self._shelf.clear()
        self._forgotten()
        self._awake.set()


def _fitting(found: Sequence[TurnMatch]) -> list[TurnMatch]:
    if not found or max(match.share for match in found) < FITS:
        return []
    return [match for match in found if match.score >= BESIDE_BEST * found[0].score]


def _recalled(turn: TurnWithText, here: Audience) -> RecalledTurn:
    answered = turn.answered if whole(turn.said, here) and not turn.disliked else ""
    who = label(turn.name, turn.person)
    return RecalledTurn(answer_id=turn.answer_id, who=who, asked=turn.asked, answered=answered, at=turn.at)
