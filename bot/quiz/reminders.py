"""The time goes in; who is to be reminded comes out, once a day and only if something is due."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, time

import prompts
from bot.quiz.context import QuizContext
from bot.quiz.group_quiz import Deliver, PlaceClosed, Sleep
from bot.quiz.session import QuizSession
from bot.quiz.timezones import day_of, moment_of
from bot.quiz.views import data_of
from bot.storage.cards import Learner
from bot.types import Button, Language, Page, Person

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
    """Daily reminders; a person who cannot be reached any more is not reminded any more."""

    def __init__(self, desk: QuizContext, asking: QuizSession, *, sleep: Sleep = asyncio.sleep) -> None:
        self._desk = desk
        self._asking = asking
        self._sleep = sleep

    async def due_reminders(self, now: datetime) -> tuple[Reminder, ...]:
        """Everybody whose hour has come today, who was not reminded today, and who has something to review."""
        now_is_their_hour = [learner for learner in await self._desk.learners.with_reminder() if is_time(learner, now)]
        counted = [(learner, await self._desk.deck.count_due(learner, now)) for learner in now_is_their_hour]
        return tuple(
            Reminder(learner=learner, day=day_of(now, learner.timezone).isoformat(), due=due) for learner, due in counted if due
        )

    async def send(self, deliver: Deliver) -> int:
        """Remind them; each is noted as reminded before it is sent, so that a crash never reminds twice. How many were sent."""
        sent = 0
        for reminder in await self.due_reminders(self._desk.now()):
            person = reminder.learner.person
            if not await self._desk.learners.claim(person, reminder.day):
                continue
            try:
                await deliver(reminder.learner.place, await self._page(reminder))
                sent += 1
            except PlaceClosed as problem:
                log.info("no more reminders for %s: %s", person, problem)
                await self._desk.learners.stop_reminding(person)
        return sent

    async def run(self, deliver: Deliver) -> None:
        """Look at the clock until cancelled."""
        while True:
            await self.send(deliver)
            await self._sleep(LOOK_S)

    async def _page(self, reminder: Reminder) -> Page:
        """With a button that begins, unless a quiz is going on there."""
        learner, language = reminder.learner, reminder.learner.language
        text = _say("reminder", language, count=reminder.due)
        platform, _, name = learner.person.partition(":")
        offer = self._asking.new_session(Person(platform=platform, id=name, language=language), learner.place, language)
        if await self._desk.sessions.open_one(learner.person, learner.place.key):
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
