"""`notesbot chat`: the terminal chat. On an indexed vault the prompt comes first and the slow imports come behind it."""

from __future__ import annotations

import asyncio
import logging
from argparse import Namespace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from bot import DONE
from bot.app import App, build, data_folder, interface_language, run
from bot.settings import Settings
from bot.types import Language, Place
from knowledge.catalog import CatalogFull
from knowledge.notes import VaultProblem

if TYPE_CHECKING:
    from bot.commands import CommandRouter
    from bot.middleware import Middleware
    from bot.platforms.terminal.chat import ReadLine
    from bot.platforms.terminal.renderer import Screen
    from bot.quiz.card_sync import Refreshing
    from bot.quiz.router import Quiz

log = logging.getLogger(__name__)


def main(options: Namespace) -> int:
    return run(options, _chat)


async def _chat(options: Namespace, settings: Settings) -> int:
    from bot.platforms.terminal.renderer import Screen, console

    screen = Screen(console(), interface_language(settings))
    async with build(settings) as parts:
        read = await parts.notebook.is_indexed()
        if not read:
            await _read_first(parts, screen)
        behind = [
            asyncio.create_task(parts.memory.work(asyncio.Event())),
            asyncio.create_task(parts.memory.forget.erasures.work(partial(_tell_erased, screen))),
            *([asyncio.create_task(_read_behind(parts))] if read else []),
        ]
        try:
            await _talk(parts, screen)
        finally:
            for task in behind:
                task.cancel()
            await asyncio.wait(behind)
    return DONE


async def _tell_erased(screen: Screen, place: Place, language: Language) -> bool:
    from bot.memory import erased_page

    if place.platform == "terminal":
        screen.page(erased_page(language).text)
    return place.platform == "terminal"


async def _warm_up(parts: App) -> None:
    if parts.models:
        await parts.models.warm_up()


async def _talk(parts: App, screen: Screen) -> None:
    from bot.middleware import Middleware
    from bot.platforms.terminal.chat import Chat, keyboard

    guards = Middleware.of(parts.settings, parts.state.database)
    await _welcome(parts, screen)
    histories = [data_folder(parts.settings) / name for name in ("terminal_history", "quiz_history")]
    read_line = keyboard(histories[0])
    chat = Chat(
        ask=parts.assistant.ask,
        controls=_controls(parts, guards),
        guards=guards,
        quiz=Flashcards(parts, screen, read_line).run,
        screen=screen,
        read_line=read_line,
        histories=histories,
    )
    await chat.run()


def _controls(parts: App, guards: Middleware) -> CommandRouter:
    from bot.commands import CommandRouter
    from bot.memory import MemoryPages

    return CommandRouter(
        notebook=parts.notebook, state=parts.state, commands=parts.commands, guards=guards, memories=MemoryPages(parts.memory)
    )


class Flashcards:
    """Flashcards within the chat. Cards are made when somebody asks for them first, later only those of changed notes."""

    def __init__(self, parts: App, screen: Screen, read_line: ReadLine) -> None:
        self._parts = parts
        self._screen = screen
        self._read_line = read_line

    async def run(self, words: str) -> None:
        """One quiz, or one of the words that ask nothing."""
        from bot.cli.quiz import bring, person_here
        from bot.platforms.terminal.quiz import TerminalQuiz

        notebook, screen = self._parts.notebook, self._screen
        quiz, cards = self._deck
        await bring(quiz, cards, notebook)
        person = person_here(screen.language)
        at = TerminalQuiz(quiz=quiz, notebook=notebook, person=person, screen=screen, read_line=self._read_line)
        await at.run(words)

    @cached_property
    def _deck(self) -> tuple[Quiz, Refreshing]:
        from bot.cli.quiz import make_quiz, refreshing

        parts = self._parts
        model = parts.models.fast if parts.models else None
        quiz = make_quiz(parts.settings, parts.notebook, parts.state.database, model=model, found_hard=parts.memory.found_hard)
        return quiz, refreshing(quiz, parts.notebook)


async def _read_first(parts: App, screen: Screen) -> None:
    with screen.progress() as progress:
        report = await parts.notebook.index(progress)
    for skipped in (*(skip for skip in report.skipped if not skip.expected), *report.problems):
        said = f"{skipped.path or parts.notebook.vault.root}: {skipped.why}"
        screen.console.print(said, style="yellow", markup=False, soft_wrap=True)
    await parts.notebook.use_chroma()


async def _read_behind(parts: App) -> None:
    """What changed since the last time is taken up while the person is typing."""
    try:
        await asyncio.gather(parts.notebook.index(), _warm_up(parts))
        await parts.notebook.use_chroma()
    except (VaultProblem, CatalogFull) as problem:
        log.warning("the notes were not read again: %s", problem)


async def _welcome(parts: App, screen: Screen) -> None:
    notes, passages = await parts.notebook.size()
    lines = [screen.say("welcome", notes=notes, passages=passages)]
    if not parts.settings.notes.folder:
        lines.append(screen.say("welcome_samples"))
    if not notes:
        lines.append(screen.say("no_notes", folder=parts.notebook.vault.root))
    model = parts.settings.model.name
    lines.append(screen.say("mode_model", model=model) if model else screen.say("mode_excerpts"))
    screen.page("\n\n".join(lines))
