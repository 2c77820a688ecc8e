"""Reviews made elsewhere go in; the schedules that a person's whole log leads to are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.quiz.export import Logged
from bot.quiz.fsrs import rate, state_of
from bot.storage.cards import Learner, Review, Reviews, Schedule


async def import_reviews(reviews: Reviews, learner: Learner, logged: Sequence[Logged]) -> int:
    """Add the reviews that are not in the log yet and compute the schedules of their cards anew; how many were added."""
    log = await reviews.log(learner.person)
    there = {(review.card, review.at) for review in log}
    fresh = {(one.card, one.at): one for one in logged if (one.card, one.at) not in there}
    touched = {card for card, _ in fresh}
    mine = [review for review in log if review.card in touched]
    mine += [_review(learner, one) for one in fresh.values()]
    before = await reviews.schedules(learner.person, sorted(touched))
    made, replayed = _replay(sorted(mine, key=lambda review: review.at), learner, before)
    new = [review for review in replayed if (review.card, review.at) in fresh]
    return await reviews.replace_schedules(learner.person, new, made)


def _replay(log: Sequence[Review], learner: Learner, before: dict[str, Schedule]) -> tuple[dict[str, Schedule], list[Review]]:
    """Schedules by card, and the log with the state that each review found; what rests goes on resting."""
    made: dict[str, Schedule] = {}
    replayed = []
    for review in log:
        earlier = made.get(review.card)
        replayed.append(replace(review, was=state_of(earlier)))
        made[review.card] = replace(rate(earlier, review.rating, review.at, learner), suspended="")
    resting = {card: schedule.suspended for card, schedule in before.items()}
    return {card: replace(schedule, suspended=resting.get(card, "")) for card, schedule in made.items()}, replayed


def _review(learner: Learner, one: Logged) -> Review:
    return Review(person=learner.person, card=one.card, rating=one.rating, at=one.at, milliseconds=one.milliseconds, how="import")
