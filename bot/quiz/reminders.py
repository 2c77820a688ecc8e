"""Daily reminders of cards that are due."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, time

import prompts
from bot.quiz.deck import QuizContext
from bot.quiz.group_quiz import Notifier, Sleep
from bot.quiz.session import QuizSession
from bot.quiz.timezones import day_of, moment_of
from bot.quiz.views import data_of
from bot.storage.cards import Learner
from bot.types import Button, Delivery, Language, Page, Person, Place

log = logging.getLogger(__name__)

LOOK_S = 30.0
"""How often the clock is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Somebody who is to be reminded now."""

    learner: Learner
    day: str
    due: int


class Reminders:
    """Daily reminders. Only a person who has blocked the bot, or is gone, is not reminded any more."""

    def __init__(self, desk: QuizContext, asking: QuizSession, *, sleep: Sleep = asyncio.sleep) -> None:
        self._desk = desk
        self._asking = asking
        self._sleep = sleep
        self._unreached: dict[str, Learner] = {}
        self._returned: set[str] = set()

    async def due_reminders(self, now: datetime) -> tuple[Reminder, ...]:
        """Everybody whose hour has come today, who was not reminded today, and who has something to review."""
        now_is_their_hour = [learner for learner in await self._desk.learners.with_reminder() if is_time(learner, now)]
        counted = [(learner, await self._desk.deck.count_due(learner, now)) for learner in now_is_their_hour]
        return tuple(
            Reminder(learner=learner, day=day_of(now, learner.timezone).isoformat(), due=due) for learner, due in counted if due
        )

    def heard_from(self, person: Person, place: Place) -> None:
        """Somebody says or presses something: what could not be told before can be told now."""
        if place.private and person.key in self._unreached:
            self._returned.add(person.key)

    async def send(self, notifier: Notifier) -> int:
        """Remind everybody whose hour it is, as far as their platforms are connected; how many were sent.

        One platform that is slow does not hold up the others.
        """
        due = [one for one in await self.due_reminders(self._desk.now()) if notifier.is_ready(one.learner.place)]
        platforms = {one.learner.platform for one in due}
        sent = await asyncio.gather(
            *(self._send_all([one for one in due if one.learner.platform == name], notifier) for name in platforms)
        )
        return sum(sent)

    async def tell_returned(self, notifier: Notifier) -> None:
        """Whoever could not be reached, and is here again, hears that their reminder ended."""
        self._unreached = {learner.person: learner for learner in await self._desk.learners.unreached()}
        for learner in [self._unreached[person] for person in self._returned if person in self._unreached]:
            page = Page(text=_say("reminder_ended", learner.language, time=learner.unreached))
            if await notifier.deliver(learner.place, page) is not Delivery.NOT_NOW:
                self._returned.discard(learner.person)
                await self._desk.learners.told(learner.person)

    async def run(self, notifier: Notifier) -> None:
        """Look at the clock until cancelled."""
        while True:
            await self.tell_returned(notifier)
            await self.send(notifier)
            await self._sleep(LOOK_S)

    async def _send_all(self, reminders: list[Reminder], notifier: Notifier) -> int:
        return sum([await self._send_one(reminder, notifier) for reminder in reminders])

    async def _send_one(self, reminder: Reminder, notifier: Notifier) -> bool:
        """Noted as reminded before it is sent, so that a crash never reminds twice."""
        learner, learners = reminder.learner, self._desk.learners
        if not await learners.claim(learner.person, reminder.day):
            return False
        sent = await notifier.deliver(learner.place, await self._page(reminder))
        if sent is Delivery.NOT_NOW:
            await learners.release(learner, reminder.day)
        elif sent is Delivery.NEVER:
            log.info("no more reminders for %s, who cannot be reached", learner.person)
            await learners.stop_reminding(learner.person)
        return sent is Delivery.DELIVERED

    async def _page(self, reminder: Reminder) -> Page:
        """With a button that begins, unless a quiz is going on there."""
        learner, language = reminder.learner, reminder.learner.language
        text = _say("reminder", language, count=reminder.due)
        platform, _, name = learner.person.partition(":")
        offer = self._asking.new_session(Person(platform=platform, id=name, language=language), learner.place, language)
        going_on = await self._desk.sessions.open_one(learner.person, learner.place.key)
        if going_on and going_on.phase != "offered":
            return Page(text=text)
        await self._desk.sessions.begin(replace(offer, phase="offered"))
        return Page(text=text, buttons=(Button(label=_say("begin", language), data=data_of("b", offer)),))


def is_time(learner: Learner, now: datetime) -> bool:
    """True from the person's hour to the end of their day, until they were reminded."""
    today = day_of(now, learner.timezone)
    at = moment_of(today, time.fromisoformat(learner.remind_at), learner.timezone)
    return learner.reminded_on != today.isoformat() and now >= at


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
