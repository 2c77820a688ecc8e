"""An answer goes in; the buttons under it come out. What they carry is read in `bot.commands.router`."""

from __future__ import annotations

from dataclasses import replace

import prompts
from bot.types import Answer, AnswerState, Button, Citation, Language

MOST_SOURCES = 6
"""Buttons of sources under an answer; `/source` lists the others."""
LONGEST = 18
"""Characters of a source's name on its button."""


def buttons_of(answer: Answer, language: Language) -> tuple[Button, ...]:
    """Under a final answer: its sources, thumbs, and another try."""
    if not answer.id or answer.state is AnswerState.TALK:
        return ()
    sources = tuple(
        Button(label=f"[{source.n}] {_short(_name_of(source))}", data=f"s:{answer.id}:{source.n}", row=at // 2)
        for at, source in enumerate(answer.citations[:MOST_SOURCES])
    )
    if answer.state is AnswerState.OVERVIEW:
        return (*sources, *(replace(button, row=button.row + len(sources)) for button in answer.buttons))
    below = len(sources)  # a row of its own, whatever stands above
    thumbs = (Button(label="👍", data=f"f:{answer.id}:+", row=below), Button(label="👎", data=f"f:{answer.id}:-", row=below))
    if answer.state is not AnswerState.MODEL:  # the notes would say the same again
        return (*sources, *thumbs)
    again = Button(label=_say("again", language), data=f"a:{answer.id}", row=below)
    deeper = Button(label=_say("deeper", language), data=f"d:{answer.id}", row=below)
    return (*sources, *thumbs, again, deeper)


def stop_button(language: Language) -> Button:
    """Under an answer that is being written."""
    return Button(label=_say("stop", language), data="x")


def _name_of(source: Citation) -> str:
    return source.heading[-1] if source.heading else source.title


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _say(name: str, language: Language) -> str:
    return prompts.load("controls").say(name, language)
