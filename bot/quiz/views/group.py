"""The pages of a group's quiz: the question, what was right and the score so far, the final table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import prompts
from bot.quiz.cards.card import Card
from bot.quiz.views.session import LETTERS, asked, fits, options
from bot.storage.cards import GroupRound, Score
from bot.types import Button, Language, Page

SHOWN_OF_SCORE = 10
"""Lines of the running score; the final table shows everybody."""
MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")


def question(game: GroupRound, card: Card, seconds: int) -> Page:
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


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
