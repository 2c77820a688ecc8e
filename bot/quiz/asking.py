"""One person's quiz: a topic or a pressed button goes in, the next page comes out; what was rated is kept before it is shown."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_hex

import prompts
from bot.messages import Language, Person, Place
from bot.quiz.cards.choices import choices
from bot.quiz.cards.judging import Verdict, judge
from bot.quiz.cards.values import Card
from bot.quiz.deck import citation_of
from bot.quiz.desk import Desk
from bot.quiz.pages import QuizPage
from bot.quiz.pages import asking as pages
from bot.quiz.pages.intervals import moment
from bot.quiz.schedule import AGAIN, GOOD, HARD, next_dates, rate, state_of, unseen
from bot.state.cards import Learner, Review, Session

USUAL = 10
"""Questions when no number is said."""
LONGEST_THOUGHT = timedelta(minutes=10)
"""A rating that comes later says nothing about how long it took."""
OTHERS = 200
"""Cards of the same note that choices are taken from."""
RATING_OF = {"wrong": AGAIN, "partly": HARD, "right": GOOD}
PRACTICE = 500
"""Cards that "practise anyway" chooses from."""

Judge = Callable[[Card, str, Mapping[str, tuple[str, ...]]], Verdict]


class Asking:
    """The quizzes of single persons."""

    def __init__(self, desk: Desk, *, synonyms: Mapping[str, tuple[str, ...]] | None = None, judge: Judge = judge) -> None:
        self._desk = desk
        self._synonyms = synonyms or {}
        self._judge = judge

    async def start(self, person: Person, place: Place, language: Language, topic: str = "", count: int = 0) -> QuizPage:
        """What is due of a topic, then new cards as far as the day allows; an offer when there is neither."""
        learner, sections, refusal = await self._scope(person, topic, language)
        if refusal:
            return refusal
        session = self.new_session(person, place, language, topic, count or USUAL)
        queue = await self._due_and_new(learner, session.wanted, sections)
        if not queue:
            return await self._offer(session, learner, sections)
        return await self._begin(replace(session, queue=tuple(queue)))

    async def overview(self, person: Person, place: Place, language: Language, topic: str = "") -> QuizPage:
        """How much is due, without a question."""
        learner, sections, refusal = await self._scope(person, topic, language)
        if refusal:
            return refusal
        return await self._offer(self.new_session(person, place, language, topic, USUAL), learner, sections)

    async def accept(self, session: Session, what: str, person: Person) -> QuizPage:
        """An offer is taken: `b` begin, `n` new cards beyond the day's number, `c` cards that are not due yet."""
        learner, sections, refusal = await self._scope(person, session.topic, session.language)
        if refusal:
            return refusal
        desk, queue = self._desk, list[str]()
        if what == "b":
            queue = await self._due_and_new(learner, session.wanted, sections)
        elif what == "n":
            queue = await desk.deck.store.unseen(learner.person, sections=sections, limit=session.wanted)
        else:
            seen = await desk.deck.store.seen(learner.person, sections=sections, limit=PRACTICE)
            queue = random.Random(session.id).sample(seen, min(len(seen), session.wanted))  # noqa: S311 - no secret
        if not queue:
            return QuizPage(text=_say("none_left", session.language))
        return await self._begin(replace(session, phase="asked", step=session.step + 1, queue=tuple(queue)))

    async def show(self, session: Session) -> QuizPage:
        """The answer; the person rates themselves."""
        return await self._answered(session, suggested=AGAIN if session.options else 0)

    async def typed(self, session: Session, text: str) -> QuizPage:
        """A typed answer is judged; the rating that fits is marked, the person may choose another."""
        card = await self._desk.deck.card(session.queue[0])
        if card is None:
            return await self._question(session)
        verdict = await asyncio.to_thread(self._judge, card, text, self._synonyms)
        return await self._answered(session, suggested=RATING_OF[verdict.state], how="typed", verdict=verdict)

    async def give_choices(self, session: Session) -> QuizPage:
        """The same question with choices."""
        card = await self._desk.deck.card(session.queue[0])
        options = await self.options_of(card, seed=session.id) if card else ()
        if card is None or not options:
            return QuizPage(notice=_say("no_choices", session.language))
        chosen = replace(session, options=options, step=session.step + 1)
        if not await self._advance(session, chosen):
            return QuizPage(notice=_say("stale", session.language))
        return pages.question(chosen, card)

    async def pick(self, session: Session, choice: int) -> QuizPage:
        """One of the choices."""
        card = await self._desk.deck.card(session.queue[0])
        if card is None or choice >= len(session.options):
            return QuizPage(notice=_say("stale", session.language))
        return await self._answered(session, suggested=GOOD if session.options[choice] == card.answer else AGAIN, how="choice")

    async def rate(self, session: Session, rating: int) -> QuizPage:
        """The rating is kept, with the session that it leads to, in one transaction; then the next question."""
        desk, now = self._desk, self._desk.now()
        learner, card = await self._learner(session), session.queue[0]
        async with desk.database.writing() as connection:
            current = await desk.sessions.get_in(connection, session.id)
            if current is None or current.step != session.step or current.phase != "answered":
                return QuizPage(notice=_say("stale", session.language))
            before = await desk.reviews.schedule_in(connection, session.person, card)
            after = rate(before, rating, now, learner)
            spent = now - session.asked_at
            review = Review(
                person=session.person,
                card=card,
                rating=rating,
                at=now,
                milliseconds=int(spent.total_seconds() * 1000) if spent <= LONGEST_THOUGHT else None,
                was=state_of(before),
                how=session.how,
            )
            await desk.reviews.record_in(connection, review, after)
            again = (card,) if rating == AGAIN and not after.suspended else ()
            following = _following(session, queue=(*session.queue[1:], *again), rated=rating)
            await desk.sessions.put_in(connection, following)
        leech = after.lapses if after.suspended == "leech" and not (before and before.suspended) else 0
        return await self._question(following, above=pages.rated(rating, after.due, now, session.language, leech=leech))

    async def skip(self, session: Session) -> QuizPage:
        """The next question; this one is not asked again in this quiz."""
        following = _following(session, queue=session.queue[1:])
        if not await self._advance(session, following):
            return QuizPage(notice=_say("stale", session.language))
        return await self._question(following)

    async def suspend(self, session: Session) -> QuizPage:
        """The card is not asked any more; the next question."""
        await self._desk.reviews.suspend(session.person, session.queue[0], unseen(self._desk.now()))
        following = _following(session, queue=session.queue[1:])
        if not await self._advance(session, following):
            return QuizPage(notice=_say("stale", session.language))
        return await self._question(following, above=_say("suspended", session.language))

    async def undo(self, person: Person, place: Place, language: Language) -> QuizPage:
        """The last rating is taken back, wherever it was given; a quiz that is going on here asks that card again."""
        desk = self._desk
        session = await desk.sessions.last_one(person.key, place.key)
        async with desk.database.writing() as connection:
            undone = await desk.reviews.undo_in(connection, person.key)
            if undone is None:
                return QuizPage(text=_say("nothing_to_undo", language))
            if session:
                queue = (undone.card, *(card for card in session.queue if card != undone.card))
                session = _following(session, queue=queue, rated=-undone.rating)
                await desk.sessions.put_in(connection, session)
        if session is None:
            return QuizPage(text=_say("undone", language))
        return await self._question(session, above=_say("undone", language))

    async def source(self, session: Session) -> QuizPage:
        """Where the card comes from."""
        card = await self._desk.deck.card(session.queue[0])
        return QuizPage(citation=citation_of(card)) if card else QuizPage(notice=_say("stale", session.language))

    async def stop(self, session: Session) -> QuizPage:
        """The quiz is over, with a summary."""
        over = replace(session, phase="ended", step=session.step + 1)
        if not await self._advance(session, over):
            return QuizPage(notice=_say("stale", session.language))
        return await self._ended(over)

    async def sections_of(self, person: Person, topic: str, language: Language) -> tuple[str, ...] | QuizPage | None:
        """The sections that a topic means (None for all), or the page that says why there are none."""
        _, sections, refusal = await self._scope(person, topic, language)
        return refusal or sections

    async def options_of(self, card: Card, *, seed: str) -> tuple[str, ...]:
        """Choices for a card, from the cards of its note."""
        others = await self._desk.deck.cards(path=card.path, limit=OTHERS)
        options = await asyncio.to_thread(choices, card, others, int(seed, 16))
        return tuple(options) if card.answer in options and len(options) > 1 else ()

    async def _due_and_new(self, learner: Learner, wanted: int, sections: tuple[str, ...] | None) -> list[str]:
        deck, now = self._desk.deck, self._desk.now()
        due = await deck.due(learner, now, sections=sections, limit=wanted)
        fresh = min(wanted - len(due), await self._desk.new_left(learner))
        return due + (await deck.store.unseen(learner.person, sections=sections, limit=fresh) if fresh > 0 else [])

    async def _scope(
        self, person: Person, topic: str, language: Language
    ) -> tuple[Learner, tuple[str, ...] | None, QuizPage | None]:
        """The person's settings and the sections of a topic (None for all), or the page that says why there are none."""
        learner = await self._desk.learners.get(person)
        if not topic:
            empty = not await self._desk.deck.cards(limit=1)
            return learner, None, QuizPage(text=_say("no_cards", language)) if empty else None
        found = await self._desk.deck.topic(topic)
        if found.sections:
            return learner, found.sections, None
        lines = [_say("no_topic", language, words=topic)]
        if found.near:
            lines += ["", _say("near_topics", language), *(f"- `/quiz {name}`" for name in found.near)]
        return learner, (), QuizPage(text="\n".join(lines))

    def new_session(self, person: Person, place: Place, language: Language, topic: str = "", count: int = USUAL) -> Session:
        """A quiz that is not kept yet."""
        return Session(
            id=token_hex(4),
            vault=self._desk.deck.vault,
            person=person.key,
            place=place.key,
            language=language,
            topic=topic,
            wanted=count,
            asked_at=self._desk.now(),
        )

    async def _offer(self, session: Session, learner: Learner, sections: tuple[str, ...] | None) -> QuizPage:
        desk = self._desk
        due = await desk.deck.count_due(learner, desk.now(), sections=sections)
        left = await desk.new_left(learner)
        fresh = await desk.deck.store.unseen(learner.person, sections=sections, limit=session.wanted)
        seen = await desk.deck.store.seen(learner.person, sections=sections, limit=1)
        if not fresh and not seen:
            return QuizPage(text=_say("none_left", session.language))
        session = replace(session, phase="offered")
        await desk.sessions.begin(session)
        upcoming = await desk.deck.store.next_due(learner.person, sections=sections)
        when = moment(upcoming, learner.timezone) if upcoming else ""
        done_today = learner.new_per_day if not left else 0
        return pages.offer(session, due=due, unseen=len(fresh), seen=len(seen), next_due=when, done_today=done_today)

    async def _begin(self, session: Session) -> QuizPage:
        await self._desk.sessions.begin(session)
        return await self._question(session)

    async def _question(self, session: Session, *, above: str = "") -> QuizPage:
        """The first card of the queue that may still be asked, or the end."""
        for at, card_id in enumerate(session.queue):
            card = await self._desk.deck.current_card(card_id)
            schedule = await self._desk.reviews.schedule(session.person, card_id)
            if card and not (schedule and schedule.suspended):
                asked = replace(session, queue=session.queue[at:], phase="asked", options=(), asked_at=self._desk.now())
                await self._desk.sessions.put(asked)
                return pages.question(asked, card, above=above)
        over = replace(session, queue=(), phase="ended")
        await self._desk.sessions.put(over)
        return await self._ended(over, above=above)

    async def _ended(self, session: Session, *, above: str = "") -> QuizPage:
        upcoming = await self._desk.deck.store.next_due(session.person)
        learner = await self._learner(session)
        when = moment(upcoming, learner.timezone) if upcoming else ""
        return pages.ended(session, above=above, next_due=when)

    async def _answered(
        self, session: Session, *, suggested: int, how: str = "shown", verdict: Verdict | None = None
    ) -> QuizPage:
        card = await self._desk.deck.card(session.queue[0])
        after = replace(session, phase="answered", suggested=suggested, how=how, step=session.step + 1)
        if card is None or not await self._advance(session, after):
            return QuizPage(notice=_say("stale", session.language))
        dates = await self._dates(after, card)
        return pages.answered(after, card, dates, self._desk.now(), verdict=verdict)

    async def _dates(self, session: Session, card: Card) -> tuple[datetime, ...]:
        schedule = await self._desk.reviews.schedule(session.person, card.id)
        return next_dates(schedule, self._desk.now(), await self._learner(session))

    async def _advance(self, session: Session, after: Session) -> bool:
        """Keep `after` unless the session has moved on in the meantime."""
        async with self._desk.database.writing() as connection:
            current = await self._desk.sessions.get_in(connection, session.id)
            if current is None or (current.step, current.phase) != (session.step, session.phase):
                return False
            await self._desk.sessions.put_in(connection, after)
        return True

    async def _learner(self, session: Session) -> Learner:
        platform, _, person = session.person.partition(":")
        return await self._desk.learners.get(Person(platform=platform, id=person, language=session.language))


def _following(session: Session, *, queue: tuple[str, ...], rated: int = 0) -> Session:
    """The session at its next question; `rated` counts a rating, or takes one back when negative."""
    change = 1 if rated > 0 else -1
    tally = tuple(max(0, n + change) if at == abs(rated) else n for at, n in enumerate(session.tally, 1))
    return replace(session, queue=queue, tally=tally, phase="asked", step=session.step + 1, options=(), suggested=0, how="shown")


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
