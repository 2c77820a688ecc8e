"""Selection of the next cards: which are due or new, and the choices beside the answer."""

from __future__ import annotations

import asyncio
import random

import prompts
from bot.quiz.cards.card import Card
from bot.quiz.cards.distractors import UNSUITED, MultipleChoice, choices_for
from bot.quiz.deck import QuizContext
from bot.quiz.grader import NONE, Synonyms
from bot.storage.cards import Learner
from bot.types import Language, Page, Person

OTHERS = 200
"""Cards of the same note, and of others, that choices are taken from."""
PRACTICE = 500
"""Cards that "practise anyway" chooses from."""


class CardSelection:
    """What a quiz asks."""

    def __init__(self, desk: QuizContext) -> None:
        self._desk = desk
        self.synonyms: Synonyms = NONE

    async def scope(self, person: Person, topic: str, language: Language) -> tuple[Learner, tuple[str, ...] | None, Page | None]:
        """The person's settings and the sections of a topic (None for all), or the page that says why there are none."""
        learner = await self._desk.learners.get(person)
        if not topic:
            empty = not await self._desk.deck.cards(limit=1)
            return learner, None, Page(text=_say("no_cards", language)) if empty else None
        found = await self._desk.deck.topic(topic)
        if found.sections:
            return learner, found.sections, None
        lines = [_say("no_topic", language, words=topic)]
        if found.near:
            lines += ["", _say("near_topics", language), *(f"- `/quiz {name}`" for name in found.near)]
        return learner, (), Page(text="\n".join(lines))

    async def sections_of(self, person: Person, topic: str, language: Language) -> tuple[str, ...] | Page | None:
        """The sections that a topic means (None for all), or the page that says why there are none."""
        _, sections, refusal = await self.scope(person, topic, language)
        return refusal or sections

    async def due_and_new(self, learner: Learner, wanted: int, sections: tuple[str, ...] | None) -> list[str]:
        """What is due, then new cards as far as the day allows."""
        deck, now = self._desk.deck, self._desk.now()
        due = await deck.due(learner, now, sections=sections, limit=wanted)
        fresh = min(wanted - len(due), await self._desk.new_left(learner))
        return due + (await deck.store.unseen(learner.person, sections=sections, limit=fresh) if fresh > 0 else [])

    async def choices_of(self, card: Card, *, seed: str) -> MultipleChoice | None:
        """Choices for a card, from the cards of its note, or else from other notes; `seed` is a hexadecimal number."""
        if card.kind in UNSUITED:
            return None
        others = await self._desk.deck.cards(path=card.path, limit=OTHERS)
        number = int(seed, 16)
        choices = await asyncio.to_thread(choices_for, card, others, seed=number, synonyms=self.synonyms)
        if choices:
            return choices
        others += await self._desk.deck.kin(card, limit=OTHERS)
        return await asyncio.to_thread(choices_for, card, others, seed=number, synonyms=self.synonyms)

    async def practice(self, learner: Learner, wanted: int, sections: tuple[str, ...] | None, *, seed: str) -> list[str]:
        """Cards that the person has seen and that are not due, in no order."""
        seen = await self._desk.deck.store.seen(learner.person, sections=sections, limit=PRACTICE)
        return random.Random(seed).sample(seen, min(len(seen), wanted))  # noqa: S311 - no secret


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
