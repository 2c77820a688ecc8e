"""A Markdown file that an admin sent goes in; it is offered for adding to the notes, and added when they say so."""

from __future__ import annotations

import asyncio

import prompts
from bot.types import Button, Language, Page
from knowledge.notebook import Notebook
from knowledge.notes import InboxProblem, NoteInbox, safe_name

ADD, LEAVE = "i:+", "i:-"
"""What the buttons say; the file itself is known to the platform, by the message that the offer replies to."""


class NoteUpload:
    """The folder of the notes that is added to."""

    def __init__(self, notebook: Notebook, folder: str) -> None:
        self._notebook = notebook
        self._folder = folder

    @property
    def wanted(self) -> bool:
        """Whether anything may be added at all."""
        return bool(self._folder)

    def offer(self, name: str, size: int, language: Language) -> Page:
        """Ask before anything is written; `size` is in bytes."""
        most, kilobytes = self._notebook.vault.largest, -(-size // 1024)
        if size > most:
            return Page(text=_say("note_too_large", language, kilobytes=kilobytes, most=most // 1024))
        buttons = (Button(label=_say("note_add", language), data=ADD), Button(label=_say("note_leave", language), data=LEAVE))
        text = _say("note_offered", language, file=safe_name(name), kilobytes=kilobytes, folder=self._folder)
        return Page(text=text, buttons=buttons)

    def leave(self, language: Language) -> Page:
        return Page(text=_say("note_left", language))

    async def add(self, name: str, content: bytes, language: Language) -> Page:
        """Write the note and bring the index up to date; done twice, there is one note all the same."""
        try:
            path = await asyncio.to_thread(NoteInbox(self._notebook.vault, self._folder).add, name, content)
        except InboxProblem as problem:
            return Page(text=_say("note_not_added", language, why=str(problem)))
        report = await self._notebook.index()
        return Page(text=_say("note_added", language, path=path, notes=report.notes, passages=report.passages))


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("controls").say(name, language, **values)
