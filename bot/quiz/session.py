"""One person's quiz: a topic or a button leads to the next page; ratings are stored before it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex

import prompts
from bot.quiz import views as pages
from bot.quiz.card_selection import CardSelection
from bot.quiz.cards.card import Card
from bot.quiz.deck import QuizContext, citation_of
from bot.quiz.fsrs import AGAIN, GOOD, HARD, next_dates, rate, state_of, unseen
from bot.quiz.grader import Grade, Verdict, judge
from bot.quiz.views import moment
from bot.storage import Transaction
from bot.storage.cards import Learner, Review, Schedule, Session
from bot.types import Language, Page, Person, Place

USUAL = 10
"""Questions when no number is said."""
LONGEST_THOUGHT = timedelta(minutes=10)
"""A rating that comes later says nothing about how long it took."""
RATING_OF = {Verdict.WRONG: AGAIN, Verdict.PARTLY: HARD, Verdict.RIGHT: GOOD}


SecondOpinion = Callable[[Card, str, Grade], Awaitable[Grade]]
"""A card, a typed answer and what plain comparison says of it go in; the judgement that is shown comes out."""
FoundHard = Callable[[Person, Place, str], Awaitable[bool]]
"""Is told what a person failed at, and where; whoever remembers people wants to know."""


async def no_opinion(card: Card, typed: str, first: Grade) -> Grade:
    """Nobody else is asked."""
    return first


async def nobody_cares(person: Person, place: Place, what: str) -> bool:
    """Nobody wants to know."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingResult:
    """What a rating led to."""

    after: Schedule
    rested: bool
    """The card had been put aside before."""
    session: Session
    card: Card | None


class QuizSession:
    """The quizzes of single persons."""

    def __init__(
        self, desk: QuizContext, *, second_opinion: SecondOpinion = no_opinion, found_hard: FoundHard = nobody_cares
    ) -> None:
        self._desk = desk
        self.picking = CardSelection(desk)
        self._second_opinion = second_opinion
        self._found_hard = found_hard

    async def start(self, person: Person, place: Place, language: Language, topic: str = "", count: int = 0) -> Page:
        """What is due of a topic, then new cards as far as the day allows; an offer when there is neither."""
        learner, sections, refusal = await self.picking.scope(person, topic, language)
        if refusal:
            return refusal
        session = self.new_session(person, place, language, topic, count or USUAL)
        queue = await self.picking.due_and_new(learner, session.wanted, sections)
        if not queue:
            return await self._offer(session, learner, sections)
        return await self._begin(replace(session, queue=tuple(queue)))

    async def overview(self, person: Person, place: Place, language: Language, topic: str = "") -> Page:
        """How much is due, without a question."""
        learner, sections, refusal = await self.picking.scope(person, topic, language)
        if refusal:
            return refusal
        return await self._offer(self.new_session(person, place, language, topic, USUAL), learner, sections)

    async def accept(self, session: Session, what: str, person: Person) -> Page:
        """An offer is taken: `b` begin, `n` new cards beyond the day's number, `c` cards that are not due yet."""
        learner, sections, refusal = await self.picking.scope(person, session.topic, session.language)
        if refusal:
            return refusal
        desk, queue = self._desk, list[str]()
        if what == "b":
            queue = await self.picking.due_and_new(learner, session.wanted, sections)
        elif what == "n":
            queue = await desk.deck.store.unseen(learner.person, sections=sections, limit=session.wanted)
        else:
            queue = await self.picking.practice(learner, session.wanted, sections, seed=session.id)
        if not queue:
            return Page(text=_say("none_left", session.language))
        return await self._begin(replace(session, phase="asked", step=session.step + 1, queue=tuple(queue)))

    async def show(self, session: Session) -> Page:
        """The answer; the person rates themselves."""
        return await self._answered(session, suggested=AGAIN if session.options else 0)

    async def typed(self, session: Session, text: str) -> Page:
        """A typed answer is judged; the rating that fits is marked, the person may choose another."""
        card = await self._desk.deck.card(session.queue[0])
        if card is None:
            return await self._question(session)
        first = await asyncio.to_thread(judge, card, text, synonyms=self.picking.synonyms)
        judgement = await self._second_opinion(card, text, first)
        return await self._answered(session, suggested=RATING_OF[judgement.verdict], how="typed", missing=judgement.missing)

    async def give_choices(self, session: Session) -> Page:
        """The same question with choices."""
        card = await self._desk.deck.card(session.queue[0])
        choices = await self.picking.choices_of(card, seed=session.id) if card else None
        if card is None or choices is None:
            return Page(notice=_say("no_choices", session.language))
        chosen = replace(session, options=choices.options, correct=choices.right, step=session.step + 1)
        if not await self._advance(session, chosen):
            return Page(notice=_say("stale", session.language))
        return pages.question(chosen, card)

    async def pick(self, session: Session, choice: int) -> Page:
        """One of the choices."""
        if choice >= len(session.options):
            return Page(notice=_say("stale", session.language))
        return await self._answered(session, suggested=GOOD if choice == session.correct else AGAIN, how="choice")

    async def rate(self, session: Session, rating: int, person: Person, place: Place) -> Page:
        """The rating is kept, with the session that it leads to, in one transaction; then the next question."""
        now, learner = self._desk.now(), await self._learner(session)
        rated = await self._desk.database.write(lambda connection: self._rate_in(connection, session, rating, now, learner))
        if rated is None:
            return Page(notice=_say("stale", session.language))
        leech = rated.after.lapses if rated.after.suspended == "leech" and not rated.rested else 0
        said = pages.rated(rating, rated.after.due, now, session.language, leech=leech)
        if rating == AGAIN:
            await self._tell_hard(session.queue[0], person, place)
        return await self._page(rated.session, rated.card, above=said)

    async def skip(self, session: Session) -> Page:
        """The next question; this one is not asked again in this quiz."""
        following = _following(session, queue=session.queue[1:])
        if not await self._advance(session, following):
            return Page(notice=_say("stale", session.language))
        return await self._question(following)

    async def suspend(self, session: Session) -> Page:
        """The card is not asked any more; the next question."""
        await self._desk.reviews.suspend(session.person, session.queue[0], unseen(self._desk.now()))
        following = _following(session, queue=session.queue[1:])
        if not await self._advance(session, following):
            return Page(notice=_say("stale", session.language))
        return await self._question(following, above=_say("suspended", session.language))

    async def undo(self, person: Person, place: Place, language: Language) -> Page:
        """The last rating is taken back, wherever it was given; a quiz that is going on here asks that card again."""
        last = await self._desk.sessions.last_one(person.key, place.key)
        undone, session = await self._desk.database.write(lambda connection: self._undo_in(connection, person.key, last))
        if not undone:
            return Page(text=_say("nothing_to_undo", language))
        if session is None:
            return Page(text=_say("undone", language))
        return await self._question(session, above=_say("undone", language))

    async def source(self, session: Session) -> Page:
        """Where the card comes from."""
        card = await self._desk.deck.card(session.queue[0])
        return Page(citation=citation_of(card)) if card else Page(notice=_say("stale", session.language))

    async def stop(self, session: Session) -> Page:
        """The quiz is over, with a summary."""
        over = replace(session, phase="ended", step=session.step + 1)
        if not await self._advance(session, over):
            return Page(notice=_say("stale", session.language))
        return await self._ended(over)

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

    async def _offer(self, session: Session, learner: Learner, sections: tuple[str, ...] | None) -> Page:
        desk = self._desk
        due = await desk.deck.count_due(learner, desk.now(), sections=sections)
        left = await desk.new_left(learner)
        fresh = await desk.deck.store.unseen(learner.person, sections=sections, limit=session.wanted)
        seen = await desk.deck.store.seen(learner.person, sections=sections, limit=1)
        if not fresh and not seen:
            return Page(text=_say("none_left", session.language))
        session = replace(session, phase="offered")
        await desk.sessions.begin(session)
        upcoming = await desk.deck.store.next_due(learner.person, sections=sections)
        when = moment(upcoming, learner.timezone) if upcoming else ""
        done_today = learner.new_per_day if not left else 0
        return pages.offer(session, due=due, unseen=len(fresh), seen=len(seen), next_due=when, done_today=done_today)

    async def _begin(self, session: Session) -> Page:
        await self._desk.sessions.begin(session)
        return await self._question(session)

    async def _question(self, session: Session, *, above: str = "") -> Page:
        """The first card of the queue that may still be asked, or the end."""
        asked, card = await self._desk.database.write(lambda connection: self._next_in(connection, session))
        return await self._page(asked, card, above=above)

    def _rate_in(
        self, connection: Transaction, session: Session, rating: int, now: datetime, learner: Learner
    ) -> RatingResult | None:
        """None when the session has moved on in the meantime."""
        desk, card = self._desk, session.queue[0]
        current = desk.sessions.get_in(connection, session.id)
        if current is None or current.step != session.step or current.phase != "answered":
            return None
        before = desk.reviews.schedule_in(connection, session.person, card)
        after = rate(before, rating, now, learner)
        desk.reviews.record_in(connection, _review(session, rating, now, was=state_of(before)), after, before=before)
        again = (card,) if rating == AGAIN and not after.suspended else ()
        following = _following(session, queue=(*session.queue[1:], *again), rated=rating)
        following, upcoming = self._next_in(connection, following)
        return RatingResult(after=after, rested=bool(before and before.suspended), session=following, card=upcoming)

    def _undo_in(self, connection: Transaction, person: str, last: Session | None) -> tuple[bool, Session | None]:
        """Whether there was a rating, and the session, as it is now, with its card in front."""
        undone = self._desk.reviews.undo_in(connection, person)
        session = self._desk.sessions.get_in(connection, last.id) if last else None
        if undone is None or session is None:
            return undone is not None, None
        queue = (undone.card, *(card for card in session.queue if card != undone.card))
        session = _following(session, queue=queue, rated=-undone.rating)
        self._desk.sessions.put_in(connection, session)
        return True, session

    def _next_in(self, connection: Transaction, session: Session) -> tuple[Session, Card | None]:
        """Keep the session at the first card of its queue that may still be asked; at its end without one."""
        for at, card_id in enumerate(session.queue):
            card = self._desk.deck.askable_in(connection, session.person, card_id)
            if card:
                asked = replace(session, queue=session.queue[at:], phase="asked", options=(), asked_at=self._desk.now())
                self._desk.sessions.put_in(connection, asked)
                return asked, card
        over = replace(session, queue=(), phase="ended")
        self._desk.sessions.put_in(connection, over)
        return over, None

    async def _page(self, session: Session, card: Card | None, *, above: str) -> Page:
        return pages.question(session, card, above=above) if card else await self._ended(session, above=above)

    async def _ended(self, session: Session, *, above: str = "") -> Page:
        upcoming = await self._desk.deck.store.next_due(session.person)
        learner = await self._learner(session)
        when = moment(upcoming, learner.timezone) if upcoming else ""
        return pages.ended(session, above=above, next_due=when)

    async def _answered(self, session: Session, *, suggested: int, how: str = "shown", missing: tuple[str, ...] = ()) -> Page:
        card = await self._desk.deck.card(session.queue[0])
        after = replace(session, phase="answered", suggested=suggested, how=how, step=session.step + 1)
        if card is None or not await self._advance(session, after):
            return Page(notice=_say("stale", session.language))
        dates = await self._dates(after, card)
        return pages.answered(after, card, dates, self._desk.now(), missing=missing)

    async def _tell_hard(self, card_id: str, person: Person, place: Place) -> None:
        """What the card is about, rather than its question: failing at five cards of one heading is one thing to know."""
        card = await self._desk.deck.card(card_id)
        if card:
            await self._found_hard(person, place, " › ".join(card.heading[-2:]) or card.title)

    async def _dates(self, session: Session, card: Card) -> tuple[datetime, ...]:
        schedule = await self._desk.reviews.schedule(session.person, card.id)
        return next_dates(schedule, self._desk.now(), await self._learner(session))

    async def _advance(self, session: Session, after: Session) -> bool:
        """Keep `after` unless the session has moved on in the meantime."""
        return await self._desk.database.write(lambda connection: self._advance_in(connection, session, after))

    def _advance_in(self, connection: Transaction, session: Session, after: Session) -> bool:
        current = self._desk.sessions.get_in(connection, session.id)
        if current is None or (current.step, current.phase) != (session.step, session.phase):
            return False
        self._desk.sessions.put_in(connection, after)
        return True

    async def _learner(self, session: Session) -> Learner:
        platform, _, person = session.person.partition(":")
        return await self._desk.learners.get(Person(platform=platform, id=person, language=session.language))


def _review(session: Session, rating: int, now: datetime, *, was: int) -> Review:
    spent = now - session.asked_at
    return Review(
        person=session.person,
        card=session.queue[0],
        rating=rating,
        at=now,
        milliseconds=int(spent.total_seconds() * 1000) if spent <= LONGEST_THOUGHT else None,
        was=was,
        how=session.how,
    )


def _following(session: Session, *, queue: tuple[str, ...], rated: int = 0) -> Session:
    """The session at its next question; `rated` counts a rating, or takes one back when negative."""
    change = 1 if rated > 0 else -1
    tally = tuple(max(0, n + change) if at == abs(rated) else n for at, n in enumerate(session.tally, 1))
    return replace(session, queue=queue, tally=tally, phase="asked", step=session.step + 1, options=(), suggested=0, how="shown")


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
