"""Background work on stored turns (archive, facts, summaries), done while nobody waits for an answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.llm import ChatModel, ModelUnavailable
from bot.memory.extraction import statements
from bot.memory.policy import clean_name
from bot.memory.recall import pack_answer, pack_words
from bot.memory.summarizer import MERGED_TOKENS, PLACE_TOKENS, merge, summarise_turns
from bot.memory.topics import items_of
from bot.memory.validation import decide
from bot.settings import MemorySettings
from bot.storage import Database, Transaction
from bot.storage.memories import Audience, MemoryPreferences, NewItem, NotedTurns, Summaries, Summary, TurnWithText
from bot.storage.memories.facts import take_in
from bot.storage.memories.summaries import add_frame
from bot.storage.memories.turns import mark_noted
from bot.types import AnswerState

T = TypeVar("T")

PATIENCE = 2
"""How often the same work gives way to a question before it is finished all the same."""
LONGEST_WAIT_S = 60.0


class Disturbed(Exception):
    """Somebody asked; the work is to be begun again later."""


class IdleGate:
    """One piece of work at a time, begun after a silence and given up for a question."""

    def __init__(self, quiet_s: float, *, clock: Callable[[], float]) -> None:
        self._quiet_s = quiet_s
        self._clock = clock
        self._asked = -quiet_s
        self._work: asyncio.Task[object] | None = None
        self._disturbed = 0

    def disturb(self) -> None:
        """Somebody asks."""
        self._asked = self._clock()
        if self._work and not self._work.done() and self._disturbed < PATIENCE:
            self._disturbed += 1
            self._work.cancel()

    async def wait(self) -> None:
        """Until nobody has asked for a while; not for ever."""
        patience = self._clock() + LONGEST_WAIT_S
        while (left := self._asked + self._quiet_s - self._clock()) > 0 and self._clock() < patience:  # noqa: ASYNC110
            await asyncio.sleep(min(left, 0.5))

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work.

        Raises:
            Disturbed: it was given up for a question.
        """
        task = asyncio.ensure_future(work())
        self._work = task
        try:
            result = await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                task.cancel()
                raise
            raise Disturbed from None
        finally:
            self._work = None
        self._disturbed = 0
        return result


log = logging.getLogger(__name__)

AT_ONCE = 50
"""Turns noted in one go."""
SAYS_NOTHING = frozenset((AnswerState.TALK, AnswerState.OVERVIEW))
"""Turns that tell nothing about who asked: small talk, and a look at what notes there are."""
FAILURES = 3
"""So often the model may fail before summaries are made without it."""
PAUSE_S, LONGEST_PAUSE_S = 15.0, 600.0
"""After a failure the model is left alone for so long; twice as long after each further one."""


class Worker:
    """Does what is due. Only one step runs at a time."""

    def __init__(
        self,
        database: Database,
        model: ChatModel | None,
        settings: MemorySettings,
        *,
        quiet: IdleGate,
        clock: Callable[[], float],
        noted: Callable[[int], None] = lambda first: None,
    ) -> None:
        """`noted` is told the lowest id of turns that were put into the archive: one of them may be older than others there."""
        self._noted = noted
        self._database = database
        self._model = model
        self._settings = settings
        self._quiet = quiet
        self._clock = clock
        self._turns = NotedTurns(database)
        self._summaries = Summaries(database)
        self._places = MemoryPreferences(database)
        self._step = asyncio.Lock()
        self._failures = 0
        self._model_from = 0.0

    async def step(self) -> bool:
        """Do one thing that is due; False when there is nothing, or nothing that can be done now."""
        async with self._step:
            if await self._note_some():
                return True
            if self._pausing():
                return False
            try:
                return await self._summarise_some()
            except Disturbed:
                return True
            except ModelUnavailable as error:
                self._failures += 1
                self._model_from = self._clock() + min(LONGEST_PAUSE_S, PAUSE_S * 2**self._failures)
                log.warning("memory waits for the model: %s", error)
                return self._failures >= FAILURES

    async def note_all(self) -> None:
        """Take note of every stored turn."""
        async with self._step:
            while await self._note_some():
                pass

    def _pausing(self) -> bool:
        return self._clock() < self._model_from and self._failures < FAILURES

    def _writer(self) -> ChatModel | None:
        return None if self._clock() < self._model_from else self._model

    async def _note_some(self) -> bool:
        new = await self._turns.new(AT_ONCE)
        off = {person: await self._places.off(person) for person in {turn.person for turn in new}}
        left_out = [turn for turn in new if turn.state in SAYS_NOTHING or off[turn.person] & {turn.chat, ""}]
        for turn in left_out:
            await self._turns.leave_out(turn.answer_id)
        await self._note([turn for turn in new if turn not in left_out])
        return bool(new)

    async def _note(self, turns: Sequence[TurnWithText]) -> None:
        words = await asyncio.to_thread(lambda: [read(turn) for turn in turns])

        def keep(connection: Transaction) -> None:
            for turn, (asked, answered, items) in zip(turns, words, strict=True):
                if mark_noted(connection, turn, asked=asked, answered=answered):
                    take_in(connection, items, decide, most=self._settings.items)

        await self._database.write(keep)
        if turns:
            self._noted(min(turn.id for turn in turns))

    async def _summarise_some(self) -> bool:
        for place in await self._summaries.places_due(self._settings.frame):
            if await self._frame(place):
                return True
        for place in await self._summaries.places_to_rewrite():
            if await self._merge(place):
                return True
        return False

    async def _frame(self, place: str) -> bool:
        turns = await self._turns.to_summarise(place, self._settings.frame)
        if len(turns) < self._settings.frame:  # a frame was deleted around these
            last = await self._summaries.last_framed(turns[0].chat, place) if turns else 0
            turns = tuple(turn for turn in turns if turn.id < last)
        if not turns:
            return False
        turns = _of_one_scope(turns)
        frame = await self._by_model(lambda model: summarise_turns(turns, model))

        def keep(connection: Transaction) -> None:
            if add_frame(connection, turns[0].spot, turns, frame.text):
                take_in(connection, frame.items, decide, most=self._settings.items)

        await self._database.write(keep)
        return True

    async def _merge(self, place: str) -> bool:
        spot = await self._summaries.of_place(place)
        tops = await self._summaries.tops(place)
        if spot is None:
            await self._summaries.set_text(Audience(person="", place=place, chat="", private=False), "", [], at=self._clock())
            return True
        for level in sorted({top.level for top in tops}):
            same = [top for top in tops if top.level == level][: self._settings.frame]
            if len(same) == self._settings.frame:
                text = await self._merged(same, MERGED_TOKENS)
                return await self._summaries.add_above(spot, same, text) or True
        text = await self._merged(tops, PLACE_TOKENS)
        ids = [top.id for top in tops]
        return await self._summaries.set_text(spot, text, ids, at=max(top.last_at for top in tops)) or True

    async def _merged(self, parts: Sequence[Summary], tokens: int) -> str:
        return await self._by_model(lambda model: merge(parts, model, tokens=tokens))

    async def _by_model(self, work: Callable[[ChatModel | None], Awaitable[T]]) -> T:
        model = self._writer()
        if model is None:
            return await work(None)
        await self._quiet.wait()
        done = await self._quiet.run(lambda: work(model))
        self._failures = 0
        return done


def read(turn: TurnWithText) -> tuple[bytes, bytes, list[NewItem]]:
    """The words of a turn for the archive, and what its person says of themselves or asks about."""
    said = [
        NewItem(said=turn.said, kind=one.kind, text=one.text, about=one.about, at=turn.at, turns=(turn.id,))
        for one in statements(turn.asked)
    ]
    return pack_words(clean_name(turn.name), turn.asked), pack_answer(turn.answered), [*said, *items_of(turn)]


def _of_one_scope(turns: tuple[TurnWithText, ...]) -> tuple[TurnWithText, ...]:
    """The first turns that are as private as the first one, and, if that is private, of the same person."""
    first = turns[0]
    same = (turn for turn in turns if turn.private == first.private and turn.chat == first.chat)
    return tuple(turn for turn in same if not first.private or turn.person == first.person)
