"""Pages of a quiz: question, answer with its four ratings, the end; for a group the score and the final table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import prompts
from bot.quiz.cards.card import Card
from bot.quiz.cards.distractors import UNSUITED
from bot.storage.cards import GroupRound, Score, Session
from bot.types import Button, Language, Page

HOUR, DAY, MONTH, YEAR = 60, 24 * 60, 30 * 24 * 60, 365 * 24 * 60
"""In minutes."""


def interval(span: timedelta, language: Language) -> str:
    """How long that is, in its largest whole unit; years and months to a tenth."""
    minutes = span.total_seconds() / 60
    if minutes < 1:
        return _say("under_a_minute", language)
    if minutes < HOUR:
        return _say("minutes", language, n=int(minutes))
    if minutes < DAY:
        return _say("hours", language, n=round(minutes / HOUR))
    if minutes < 2 * MONTH:
        return _say("days", language, n=round(minutes / DAY))
    if minutes < YEAR:
        return _say("months", language, n=f"{minutes / MONTH:.1f}".removesuffix(".0"))
    return _say("years", language, n=f"{minutes / YEAR:.1f}".removesuffix(".0"))


def moment(at: datetime, timezone: str) -> str:
    """Date and time on the person's clock."""
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)


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


SHOWN_OF_SCORE = 10
"""Lines of the running score; the final table shows everybody."""
MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")


def group_question(game: GroupRound, card: Card, seconds: int) -> Page:
    """The question that is open; nobody sees what others chose."""
    language = game.language
    head = _say("group_question", language, n=game.step, count=len(game.queue), seconds=seconds)
    text = "\n\n".join(part for part in (head, asked(card), options(game.options)) if part)
    named = game.options if fits(game.options) else LETTERS[: len(game.options)]
    press = tuple(Button(label=name, data=f"q:g{at}:{game.id}.{game.step}") for at, name in enumerate(named))
    return Page(text=text, buttons=press, key=f"{game.id}.{game.step}")


def result(game: GroupRound, card: Card, chosen: Mapping[int, int], standings: Sequence[Score]) -> Page:
    """The question with its answer, who chose what in numbers, and the score; takes the question's place."""
    language = game.language
    count = sum(chosen.values())
    lines = [
        f"{'✅' if at == game.correct else '▫️'} {' '.join(option.split())} · {chosen.get(at, 0)}"
        for at, option in enumerate(game.options)
    ]
    closed = _say("group_closed", language, n=game.step, count=len(game.queue), answers=count)
    parts = [closed, asked(card), "\n".join(f"- {line}" for line in lines)]
    if standings and game.step < len(game.queue):
        parts += [_say("group_score", language), _table(standings[:SHOWN_OF_SCORE])]
    return Page(text="\n\n".join(parts), key=f"{game.id}.{game.step}")


def final(game: GroupRound, standings: Sequence[Score]) -> Page:
    """The final table."""
    if not standings:
        return Page(text=_say("group_nobody", game.language))
    return Page(text=f"{_say('group_final', game.language, count=game.step)}\n\n{_table(standings)}")


def plain(name: str) -> str:
    """A person's name on one line, none of its characters read as Markdown."""
    return MARKUP.sub(r"\\\1", " ".join(name.split()))


def _table(standings: Sequence[Score]) -> str:
    """Numbered; who has as many right answers as the one before has the same number."""
    lines, rank = [], 0
    for at, standing in enumerate(standings, 1):
        if at == 1 or standing.right != standings[at - 2].right:
            rank = at
        lines.append(f"- {rank}. {plain(standing.name)}: {standing.right}/{standing.answered}")
    return "\n".join(lines)
