"""Sources of an answer: the buttons under it, the excerpt verbatim with its context, links into a web copy of the notes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

import prompts
from bot.types import Answer, AnswerState, Button, Citation, Language
from knowledge.notebook import Notebook
from knowledge.types import Note, Skipped

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


AROUND = 160
"""Characters of context shown on each side, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A source with its surroundings; `changed` and `gone` say what has become of the note since."""

    citation: Citation
    before: str = ""
    after: str = ""
    changed: bool = False
    gone: str = ""
    link: str = ""
    """Where the note can be read with a browser, if it is there and `notes.base_url` is set."""


async def show(citation: Citation, notebook: Notebook) -> Shown:
    """Look the source up in the note as it is now. When the note has changed, the excerpt is the one kept with the answer."""
    note = await notebook.read(citation.path)
    if isinstance(note, Skipped):
        return Shown(citation=citation, gone=note.why)
    if note.text[citation.start : citation.end] != citation.text:
        return Shown(citation=citation, changed=True, link=link_to(citation, notebook.vault.base_url))
    before, after = _around(note, citation)
    return Shown(citation=citation, before=before, after=after, link=link_to(citation, notebook.vault.base_url))


def link_to(citation: Citation, base_url: str) -> str:
    """The note's address, at the heading of the source; empty without a `base_url`."""
    if not base_url:
        return ""
    anchor = anchor_of(citation.heading[-1]) if citation.heading else ""
    return f"{base_url}/{quote(citation.path)}" + (f"#{quote(anchor)}" if anchor else "")


def anchor_of(heading: str) -> str:
    """As GitHub, GitLab and Gitea make it, and most makers of sites: small letters, no punctuation, hyphens for blanks.

    A second heading with the same words has a number there (`-1`), which is not known here: the link leads to the first.
    """
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.strip().lower()))


def _around(note: Note, citation: Citation) -> tuple[str, str]:
    """Whole lines next to the excerpt, or the nearer part of a long one."""
    before = note.text[max(note.front.end, citation.start - AROUND) : citation.start]
    after = note.text[citation.end : citation.end + AROUND]
    line_before = before.rfind("\n", 0, max(0, len(before.rstrip()) - 1))
    line_after = after.find("\n", len(after) - len(after.lstrip()) + 1)
    start = before[line_before + 1 :] if line_before >= 0 else before
    end = after[:line_after] if line_after >= 0 else after
    return start, end
