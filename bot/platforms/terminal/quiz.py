"""Terminal quiz, by keys and typed answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import prompts
from bot.commands.sources import show
from bot.commands.views import page_of
from bot.platforms.terminal.chat import PLACE, ReadLine
from bot.platforms.terminal.renderer import Screen
from bot.quiz.preferences import understand
from bot.quiz.router import Quiz
from bot.types import Page, Person
from knowledge.notebook import Notebook

KEYS = {"1": "r1", "2": "r2", "3": "r3", "4": "r4", "s": "s", "u": "u", "z": "z", "k": "sk", "q": "x", "": "a"}
"""What is pressed for a key."""


class TerminalQuiz:
    """One quiz, from its first question to its summary."""

    def __init__(self, *, quiz: Quiz, notebook: Notebook, person: Person, screen: Screen, read_line: ReadLine) -> None:
        self._quiz = quiz
        self._notebook = notebook
        self._person = person
        self._screen = screen
        self._read_line = read_line

    async def run(self, words: str) -> bool:
        """Ask until nothing is left, `q`, or the end of the input; False when there was nothing to ask.

        Words that ask nothing (`stats`, `timezone Asia/Shanghai`) are obeyed.
        """
        verb = understand(words).verb
        if verb == "remind":
            self._screen.page(self._say("terminal_remind"))
            return True
        page = await self._quiz.command(self._person, PLACE, words, self._screen.language)
        await self._show(page)
        if verb == "start":
            page = await self._accept_offer(page)
        if not self._asks(page):
            return verb != "start"
        while self._asks(page):
            self._screen.page(self._hint(self._verbs(page)))
            try:
                line = (await self._read_line()).strip()
            except (EOFError, KeyboardInterrupt):
                await self._show(await self._press("q", page))
                return True
            shown = await self._answer(line, page)
            await self._show(shown)
            page = shown if shown.text else page
        return True

    async def _accept_offer(self, page: Page) -> Page:
        """Nothing is due: what is offered first is taken, new cards before a practice of old ones."""
        verbs = self._verbs(page)
        wanted = next((verbs[verb] for verb in ("b", "n", "c") if verb in verbs), "")
        if not wanted:
            return page
        page = await self._quiz.press(self._person, PLACE, wanted)
        self._screen.page(page.text)
        return page

    async def _answer(self, line: str, page: Page) -> Page:
        """A key that has a button presses it; before the answer is shown, any other line and any number is an answer."""
        verbs = self._verbs(page)
        if line.casefold() in KEYS and not (line.isdecimal() and "a" in verbs):
            return await self._press(line.casefold(), page)
        typed = await self._quiz.typed(self._person, PLACE, line) if "a" in verbs else None
        return typed or Page(notice=self._hint(verbs))

    async def _press(self, key: str, page: Page) -> Page:
        data = self._verbs(page).get(KEYS[key])
        return await self._quiz.press(self._person, PLACE, data) if data else Page(notice=self._hint(self._verbs(page)))

    def _asks(self, page: Page) -> bool:
        return not {"a", "r1"}.isdisjoint(self._verbs(page))

    async def _show(self, page: Page) -> None:
        """A file that belongs to a page is put into the folder that the terminal stands in."""
        for words in (page.notice, page.text):
            if words:
                self._screen.page(words)
        if page.file:
            await asyncio.to_thread(Path(page.file.name).write_bytes, page.file.content)
            self._screen.page(f"`{page.file.name}`")
        if page.citation:
            self._screen.page(page_of(await show(page.citation, self._notebook), self._screen.language))

    def _hint(self, verbs: dict[str, str]) -> str:
        return self._say("terminal_rates" if "r1" in verbs else "terminal_keys")

    def _say(self, name: str) -> str:
        return prompts.load("quiz").say(name, self._screen.language)

    def _verbs(self, page: Page) -> dict[str, str]:
        """The page's buttons by verb."""
        return {button.data.split(":")[1]: button.data for button in page.buttons}
