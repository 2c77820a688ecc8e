"""Entry point of the quiz for platforms: commands, pressed buttons and typed answers to pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from datetime import timedelta

import prompts
from bot.quiz.deck import Clock, Deck, QuizContext, utc_now
from bot.quiz.grader import Synonyms
from bot.quiz.group_quiz import GroupQuizzes, Notifier, Sleep
from bot.quiz.preferences import LearnerCommands, QuizCommand, understand
from bot.quiz.reminders import Reminders
from bot.quiz.session import FoundHard, QuizSession, SecondOpinion, no_opinion, nobody_cares
from bot.storage import Database
from bot.storage.cards import Learner, Session
from bot.types import Language, Page, Person, Place

BUTTON = re.compile(r"q:([a-z]{1,2})(\d?):([0-9a-f]{8})\.(\d{1,6})")
ALLOWED = {
    "offered": {"b", "n", "c"},
    "asked": {"a", "mc", "p", "sk", "x", "u"},
    "answered": {"r", "s", "z", "x", "u"},
    "ended": {"u"},
}
"""Which buttons a quiz has in each phase."""
LISTENING = timedelta(minutes=30)
"""How long after a question a line is taken for its answer; later it is a question to the notes again."""


class Quiz:
    """Quizzes, their groups and reminders over one database, for the cards of one vault."""

    def __init__(
        self,
        *,
        database: Database,
        vault: str = "",
        defaults: Learner | None = None,
        seconds: int = 20,
        second_opinion: SecondOpinion = no_opinion,
        found_hard: FoundHard = nobody_cares,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.desk = QuizContext.over(database, vault=vault, defaults=defaults, clock=clock)
        self.asking = QuizSession(self.desk, second_opinion=second_opinion, found_hard=found_hard)
        self.groups = GroupQuizzes(self.desk, self.asking.picking, seconds=seconds, sleep=sleep)
        self.reminders = Reminders(self.desk, self.asking, sleep=sleep)
        self._learning = LearnerCommands(self.desk)

    @property
    def deck(self) -> Deck:
        return self.desk.deck

    def take_names(self, pairs: Iterable[tuple[str, str]]) -> None:
        """The names that the notes give one thing: either is right where the other is wanted, and no wrong choice beside it."""
        self.asking.picking.synonyms = Synonyms(pairs)

    async def command(self, person: Person, place: Place, words: str, language: Language) -> Page:
        """What stands after `/quiz`: a topic and a number, or one of the verbs of `bot.quiz.preferences`."""
        wanted = understand(words)
        match wanted.verb:
            case "start":
                return await self.asking.start(person, place, language, wanted.words, wanted.count)
            case "due":
                return await self.asking.overview(person, place, language, wanted.words)
            case "group":
                return await self.groups.start(person, place, language, wanted.words, wanted.count)
            case "undo":
                return await self.asking.undo(person, place, language)
            case "suspend" | "stop":
                return await self._on_session(wanted, person, place, language)
            case _:
                return await self._learning.obey(wanted, person, place, language)

    async def press(self, person: Person, place: Place, data: str) -> Page:
        """A button: `data` as it stood on it. Without text in the page, the message stays as it is and the notice is told."""
        found = BUTTON.fullmatch(data)
        if not found:
            return Page(notice=_say("unknown_button", person.language))
        verb, digit, key, step = found[1], int(found[2] or 0), found[3], int(found[4])
        if verb == "g":
            return await self.groups.answer(key, step, digit, person, place)
        session = await self.desk.sessions.get(key)
        refusal = _refusal(session, person, place, verb, step)
        if session is None or refusal:
            return Page(notice=_say(refusal, person.language))
        return await self._obey_button(verb, digit, session, person, place)

    async def typed(self, person: Person, place: Place, text: str) -> Page | None:
        """A line that may be an answer; None when this person has no open question here, and the line is for the assistant.

        In a group, hand in only lines that reply to the question. After an answer, `1` to `4` rate it.
        """
        session = await self.desk.sessions.open_one(person.key, place.key)
        if session is None or self.desk.now() - session.asked_at > LISTENING:
            return None
        if session.phase == "answered" and text.strip() in ("1", "2", "3", "4"):
            return await self.asking.rate(session, int(text), person, place)
        if session.phase != "asked" or not text.strip() or text.startswith("/"):
            return None
        return await self.asking.typed(session, text)

    def heard_from(self, person: Person, place: Place) -> None:
        """Somebody says or presses something: they can be reached there."""
        self.reminders.heard_from(person, place)

    async def serve(self, notifier: Notifier) -> None:
        """Run group quizzes (taking up those that were going on) and reminders, until cancelled."""
        try:
            await self.groups.serve(notifier)
            await self.reminders.run(notifier)
        finally:
            await self.groups.close()

    async def _on_session(self, wanted: QuizCommand, person: Person, place: Place, language: Language) -> Page:
        if wanted.verb == "stop" and (page := await self.groups.stop(person, place, language)):
            return page
        session = await self.desk.sessions.open_one(person.key, place.key)
        if session is None or not session.queue:
            return Page(text=_say("no_session", language))
        return await (self.asking.stop(session) if wanted.verb == "stop" else self.asking.suspend(session))

    async def _obey_button(self, verb: str, digit: int, session: Session, person: Person, place: Place) -> Page:
        match verb:
            case "b" | "n" | "c":
                return await self.asking.accept(session, verb, person)
            case "p":
                return await self.asking.pick(session, digit)
            case "r":
                return await self.asking.rate(session, min(4, max(1, digit)), person, place)
            case "u":
                return await self.asking.undo(person, place, session.language)
        verbs = {
            "a": self.asking.show,
            "mc": self.asking.give_choices,
            "sk": self.asking.skip,
            "s": self.asking.source,
            "z": self.asking.suspend,
            "x": self.asking.stop,
        }
        return await verbs[verb](session)


def _refusal(session: Session | None, person: Person, place: Place, verb: str, step: int) -> str:
    """Why a button does nothing, by the name of its words; empty when it does."""
    if session is None:
        return "over"
    if session.person != person.key or session.place != place.key:
        return "not_yours"
    if session.phase == "ended" and verb != "u":
        return "over"
    return "" if session.step == step and verb in ALLOWED[session.phase] else "stale"


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
