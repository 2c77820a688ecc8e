"""A group's quiz: one question after the other with a clock; answers come in from everybody and are kept at once, each once."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from typing import Protocol

import prompts
from bot.backoff import Backoff
from bot.quiz import views as pages
from bot.quiz.card_selection import CardSelection
from bot.quiz.cards.card import Card
from bot.quiz.deck import QuizContext
from bot.quiz.fsrs import AGAIN, GOOD, rate, state_of
from bot.storage import Transaction
from bot.storage.cards import GroupRound, Review
from bot.types import Delivery, Language, Page, Person, Place

log = logging.getLogger(__name__)

USUAL = 5
"""Questions when no number is said."""
TRIED = 4
"""Cards looked at for each question wanted: not every card has choices."""
PAUSE_S = 4.0
"""Between a question's answer and the next question."""
GRACE_S = 10
"""What a question that was open when the program ended is given after the restart, at least."""

Sleep = Callable[[float], Awaitable[None]]


class Notifier(Protocol):
    """Shows pages that nobody asked for."""

    def is_ready(self, place: Place) -> bool:
        """True when the place's platform is connected."""

    async def deliver(self, place: Place, page: Page) -> Delivery:
        """Show a page; a later one with the same key takes the earlier one's place."""


class PlaceClosed(Exception):
    """The place cannot be written to any more."""


class GroupQuizzes:
    """The rounds of all groups. `serve` gives it a voice; before that no round begins."""

    def __init__(self, desk: QuizContext, picking: CardSelection, *, seconds: int = 20, sleep: Sleep = asyncio.sleep) -> None:
        self._desk = desk
        self._picking = picking
        self._seconds = seconds
        self._sleep = sleep
        self._notifier: Notifier | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self, notifier: Notifier) -> None:
        """Take up the rounds that were going on when the program ended."""
        self._notifier = notifier
        for game in await self._desk.groups.going_on():
            self._run_behind(await self._with_time(game, GRACE_S))

    async def close(self) -> None:
        """Stop the clocks; the rounds stay as they are for the next start."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def start(self, person: Person, place: Place, language: Language, topic: str = "", count: int = 0) -> Page:
        """Begin a round; the first question follows behind this page."""
        refusal = await self._refusal(place, language)
        if refusal:
            return refusal
        found = await self._picking.sections_of(person, topic, language)
        if isinstance(found, Page):
            return found
        game = self._round(person, place, language, topic)
        queue = await self._questions(game, found, count or USUAL)
        if not queue:
            return Page(text=_say("group_few", language))
        game = replace(game, queue=queue)
        if not await self._desk.groups.begin(game):
            return Page(text=_say("group_running", language))
        self._run_behind(game)
        return Page(text=_say("group_begins", language, count=len(queue), seconds=self._seconds))

    async def answer(self, game_id: str, step: int, choice: int, person: Person, place: Place) -> Page:
        """A person's choice: kept with its review in one transaction, once a question; only this person is told, and not
        whether it is right.
        """
        desk, language, now = self._desk, person.language, self._desk.now()
        game = await desk.groups.get(game_id)
        if game is None or game.place != place.key or not game.queue or choice >= len(game.options):
            return Page(notice=_say("unknown_button", language))
        card = await desk.deck.card(game.card) if game.step else None
        learner = await desk.learners.get(person)
        if card is None or game.step != step:
            return Page(notice=_say("group_late", language))

        def keep(connection: Transaction) -> str:
            current = desk.groups.get_in(connection, game_id)
            if current is None or (current.step, current.phase) != (step, "open") or now > current.closes_at:
                return _say("group_late", language)
            earlier = desk.groups.choice_in(connection, current, person)
            if earlier is not None:
                return _say("group_twice", language, choice=current.options[earlier])
            correct = choice == current.correct
            desk.groups.answer_in(connection, current, person, choice=choice, correct=correct, at=now)
            before = desk.reviews.schedule_in(connection, person.key, card.id)
            rating = GOOD if correct else AGAIN
            after = rate(before, rating, now, learner)
            review = Review(person=person.key, card=card.id, rating=rating, at=now, was=state_of(before), how="group")
            desk.reviews.record_in(connection, review, after, before=before)
            return _say("group_noted", language, choice=current.options[choice])

        return Page(notice=await desk.database.write(keep))

    async def stop(self, person: Person, place: Place, language: Language) -> Page | None:
        """End the round of this place; only who began it may. None when there is none."""
        game = await self._desk.groups.open_one(place.key)
        if game is None:
            return None
        if game.person != person.key:
            return Page(text=_say("group_not_yours", language))
        task = self._running.pop(game.id, None)
        if task:
            task.cancel()
        await self._move(game, replace(game, phase="ended"))
        return pages.final(game, await self._desk.groups.standings(game))

    async def _refusal(self, place: Place, language: Language) -> Page | None:
        if place.private:
            return Page(text=_say("group_only", language))
        if self._notifier is None:
            return Page(text=_say("group_unable", language))
        if await self._desk.groups.open_one(place.key):
            return Page(text=_say("group_running", language))
        return None

    def _round(self, person: Person, place: Place, language: Language, topic: str) -> GroupRound:
        return GroupRound(
            id=token_hex(4),
            vault=self._desk.deck.vault,
            person=person.key,
            place=place.key,
            platform=place.platform,
            chat=place.chat,
            thread=place.thread,
            language=language,
            topic=topic,
            seconds=self._seconds,
            closes_at=self._desk.now(),
        )

    async def _questions(self, game: GroupRound, sections: tuple[str, ...] | None, count: int) -> tuple[str, ...]:
        """Ids of cards that have choices, in no order."""
        ids = await self._desk.deck.store.ids(sections=sections)
        order = random.Random(game.id).sample(ids, min(len(ids), count * TRIED))  # noqa: S311 - no secret
        chosen: list[str] = []
        for card_id in order:
            card = await self._desk.deck.current_card(card_id)
            if card and await self._picking.choices_of(card, seed=game.id):
                chosen.append(card_id)
            if len(chosen) == count:
                break
        return tuple(chosen)

    def _run_behind(self, game: GroupRound) -> None:
        task = asyncio.create_task(self._run(game.id), name=f"group quiz {game.id}")
        self._running[game.id] = task
        task.add_done_callback(lambda done: self._note_end(game, done))

    def _note_end(self, game: GroupRound, task: asyncio.Task[None]) -> None:
        self._running.pop(game.id, None)
        if not task.cancelled() and task.exception():
            log.error("the group quiz in %s stopped", game.place, exc_info=task.exception())

    async def _run(self, game_id: str) -> None:
        """From phase to phase until the end; each is kept before it is shown, so that a restart goes on where it was."""
        try:
            while (game := await self._desk.groups.get(game_id)) and game.phase != "ended":
                await self._one_phase(game)
        except PlaceClosed as problem:
            log.warning("a group quiz ends: %s", problem)
            game = await self._desk.groups.get(game_id)
            if game:
                await self._move(game, replace(game, phase="ended"))

    async def _one_phase(self, game: GroupRound) -> None:
        if game.phase == "open":
            game = await self._show_question(game)
            await self._wait(game)
            await self._move(game, replace(game, phase="closed"))
        elif game.phase == "closed":
            await self._show_result(game)
            await self._sleep(PAUSE_S)
            await self._open_next(game)
        else:
            await self._open_next(game)

    async def _wait(self, game: GroupRound) -> None:
        """Until the question closes. The clock on the wall may be set back; it is looked at again."""
        while (left := (game.closes_at - self._desk.now()).total_seconds()) > 0:
            await self._sleep(left)

    async def _open_next(self, game: GroupRound) -> None:
        for step in range(game.step + 1, len(game.queue) + 1):
            card = await self._desk.deck.current_card(game.queue[step - 1])
            choices = await self._picking.choices_of(card, seed=f"{game.id}{step:02x}") if card else None
            if choices:
                closes_at = self._desk.now() + timedelta(seconds=game.seconds)
                await self._move(
                    game,
                    replace(game, phase="open", step=step, options=choices.options, correct=choices.right, closes_at=closes_at),
                )
                return
        await self._say_to(game, pages.final(game, await self._desk.groups.standings(game)))
        await self._move(game, replace(game, phase="ended"))

    async def _show_question(self, game: GroupRound) -> GroupRound:
        """The round as it stands when its question is shown: time in which nobody could see it does not count."""
        card = await self._desk.deck.card(game.card)
        backoff = Backoff()
        while card and not await self._is_shown(game, self._question(game, card)):
            await self._sleep(backoff.delay())
            game = await self._with_time(game, game.seconds)
        return game

    def _question(self, game: GroupRound, card: Card) -> Page:
        return pages.group_question(game, card, max(0, round((game.closes_at - self._desk.now()).total_seconds())))

    async def _show_result(self, game: GroupRound) -> None:
        card, groups = await self._desk.deck.card(game.card), self._desk.groups
        if card:
            await self._say_to(game, pages.result(game, card, await groups.choices(game), await groups.standings(game)))

    async def _say_to(self, game: GroupRound, page: Page) -> None:
        """Show it, however long the platform is away."""
        backoff = Backoff()
        while not await self._is_shown(game, page):
            await self._sleep(backoff.delay())

    async def _is_shown(self, game: GroupRound, page: Page) -> bool:
        """False when that cannot be done now.

        Raises:
            PlaceClosed: nor later.
        """
        shown = await self._notifier.deliver(game.where, page) if self._notifier else Delivery.NOT_NOW
        if shown is Delivery.NEVER:
            raise PlaceClosed(game.place)
        return shown is Delivery.DELIVERED

    async def _with_time(self, game: GroupRound, seconds: int) -> GroupRound:
        """The round with so many seconds left for its open question, at least."""
        soon = self._desk.now() + timedelta(seconds=seconds)
        if game.phase != "open" or game.closes_at >= soon:
            return game
        after = replace(game, closes_at=soon)
        await self._move(game, after)
        return after

    async def _move(self, game: GroupRound, after: GroupRound) -> None:
        def work(connection: Transaction) -> None:
            current = self._desk.groups.get_in(connection, game.id)
            if current and (current.step, current.phase) == (game.step, game.phase):
                self._desk.groups.put_in(connection, after)

        await self._desk.database.write(work)


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
