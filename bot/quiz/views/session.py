"""The pages of one person's quiz: the question, the answer with its four ratings, the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import prompts
from bot.quiz.cards.card import Card
from bot.quiz.cards.distractors import UNSUITED
from bot.quiz.views.intervals import interval
from bot.storage.cards import Session
from bot.types import Button, Language, Page

LETTERS = "ABCDEFGH"
LONGEST_LABEL = 28
"""Characters of a choice that still fit on a button of a telephone, two in a row."""


def question(session: Session, card: Card, *, above: str = "") -> Page:
    """The question; `above` says what became of the one before."""
    language = session.language
    left = _say("left", language, n=len(session.queue))
    text = "\n\n".join(part for part in (above, left, asked(card), options(session.options)) if part)
    press = [Button(label=_say("show", language), data=data_of("a", session))]
    if session.options:
        press = [*option_buttons(session), Button(label=_say("dont_know", language), data=data_of("a", session), row=1)]
    elif card.kind not in UNSUITED:
        press.append(Button(label=_say("choices", language), data=data_of("mc", session)))
    press.append(Button(label=_say("skip", language), data=data_of("sk", session), row=1))
    press.append(Button(label=_say("stop", language), data=data_of("x", session), row=1))
    if any(session.tally):
        press.append(Button(label=_say("undo", language), data=data_of("u", session), row=1))
    return Page(text=text, buttons=tuple(press))


def answered(session: Session, card: Card, dates: Sequence[datetime], now: datetime, *, missing: Sequence[str] = ()) -> Page:
    """The answer and when the card comes back after each rating; the rating that fits is marked, any may be pressed."""
    language = session.language
    parts = [asked(card), *right_answers(card)]
    if session.suggested:
        parts.insert(0, _verdict(session, missing))
    labels = [_say(name, language) for name in ("again", "hard", "good", "easy")]
    marks = ["• " if rating == session.suggested else "" for rating in (1, 2, 3, 4)]
    press = [
        Button(label=f"{mark}{label} {interval(date - now, language)}", data=data_of(f"r{rating}", session))
        for rating, (mark, label, date) in enumerate(zip(marks, labels, dates, strict=True), 1)
    ]
    press.append(Button(label=_say("source", language), data=data_of("s", session), row=1))
    press.append(Button(label=_say("suspend", language), data=data_of("z", session), row=1))
    press.append(Button(label=_say("stop", language), data=data_of("x", session), row=1))
    return Page(text="\n\n".join(parts), buttons=tuple(press))


def rated(rating: int, due: datetime, now: datetime, language: Language, *, leech: int = 0) -> str:
    """What became of a card; `leech` is how often it was forgotten, when it rests for that."""
    label = _say(("again", "hard", "good", "easy")[rating - 1], language)
    said = _say("comes_back", language, rating=label, when=interval(due - now, language))
    return f"{said}\n\n{_say('leech', language, times=leech)}" if leech else said


def ended(session: Session, *, above: str = "", next_due: str = "") -> Page:
    """How it went."""
    language = session.language
    again, hard, good, easy = session.tally
    count = sum(session.tally)
    parts = [above, _say("ended", language, count=count, again=again, hard=hard, good=good, easy=easy)]
    if next_due:
        parts.append(_say("next_due", language, when=next_due))
    press = (Button(label=_say("undo", language), data=data_of("u", session)),) if count else ()
    return Page(text="\n\n".join(part for part in parts if part), buttons=press)


def offer(session: Session, *, due: int, unseen: int, seen: int, next_due: str, done_today: int) -> Page:
    """Nothing is due: when something is, and what can be done until then."""
    language = session.language
    text = [_say("nothing_due", language)]
    if next_due:
        text.append(_say("next_due", language, when=next_due))
    if unseen and done_today:
        text.append(_say("new_done", language, count=done_today))
    press = []
    if due:
        text = [_say("due_now", language, count=due)]
        press.append(Button(label=_say("begin", language), data=data_of("b", session)))
    if unseen:
        press.append(Button(label=_say("learn_new", language, count=min(unseen, session.wanted)), data=data_of("n", session)))
    if seen:
        press.append(Button(label=_say("cram", language), data=data_of("c", session)))
    return Page(text="\n\n".join(text), buttons=tuple(press))


def asked(card: Card) -> str:
    """The question, and the hint that its writer gave."""
    return f"**{card.prompt}** ({card.hint})" if card.hint else f"**{card.prompt}**"


def right_answers(card: Card) -> tuple[str, ...]:
    """The answer, and what else is right."""
    return (card.answer, *(f"/ {other}" for other in card.also))


def options(choices: Sequence[str]) -> str:
    """The choices, lettered, where they do not fit on their buttons."""
    if fits(choices):
        return ""
    return "\n".join(f"{letter}. {' '.join(choice.split())}" for letter, choice in zip(LETTERS, choices, strict=False))


def fits(choices: Sequence[str]) -> bool:
    return all(len(choice) <= LONGEST_LABEL and "\n" not in choice for choice in choices)


def option_buttons(session: Session) -> list[Button]:
    """A button for each choice."""
    named = session.options if fits(session.options) else LETTERS[: len(session.options)]
    return [Button(label=name, data=data_of(f"p{at}", session)) for at, name in enumerate(named)]


def data_of(verb: str, session: Session) -> str:
    """What a button says: the verb, the quiz, and the question that it belongs to."""
    return f"q:{verb}:{session.id}.{session.step}"


def _verdict(session: Session, missing: Sequence[str]) -> str:
    language = session.language
    said = _say(("wrong", "partly", "right")[session.suggested - 1], language)
    if not missing or session.suggested != 2:
        return said
    return f"{said} {_say('missing', language, what=('、' if language == 'zh' else ', ').join(missing))}"


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
