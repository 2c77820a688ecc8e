"""`notesbot quiz`: flashcards in the terminal, by keys and typed answers; lines of a pipe do as well."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import prompts
from bot.cli import DONE, FAILED
from bot.cli.building import build_notebook, data_folder, interface_language, open_database, run
from bot.messages import Person
from bot.settings import Settings, SettingsProblem
from knowledge.notebook import Notebook

if TYPE_CHECKING:
    from bot.quiz.quiz import Quiz
    from bot.state import Database
    from bot.state.cards import Learner


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A person at this terminal, with the cards of the notes."""

    quiz: Quiz
    notebook: Notebook
    person: Person


def main(options: Namespace) -> int:
    return run(options, _quiz)


async def _quiz(options: Namespace, settings: Settings) -> int:
    from bot.platforms.terminal.chat import keyboard
    from bot.platforms.terminal.drawing import Screen, console
    from bot.platforms.terminal.quizzing import TerminalQuiz

    screen = Screen(console(), interface_language(settings))
    async with study(settings) as at:
        if options.logs:
            screen.page(await _import(at, options.logs))
        words = f"{' '.join(options.topic)} {options.count}"
        read_line = keyboard(data_folder(settings) / "quiz_history")
        asked = await TerminalQuiz(quiz=at.quiz, notebook=at.notebook, person=at.person, screen=screen, read_line=read_line).run(
            words
        )
    return DONE if asked or options.logs else FAILED


@asynccontextmanager
async def study(settings: Settings) -> AsyncIterator[Study]:
    """The quiz over the state database, its cards made from the notes as they are now."""
    notebook = build_notebook(settings)
    database = await open_database(settings)
    try:
        yield await cards_of(settings, notebook, database)
    finally:
        notebook.close()
        await database.close()


async def cards_of(settings: Settings, notebook: Notebook, database: Database) -> Study:
    """The same over parts that are open already."""
    import getpass

    from bot.quiz.refreshing import refresh

    quiz = make_quiz(settings, notebook, database)
    await refresh(quiz.deck, notebook.vault)
    person = Person(platform="terminal", id=getpass.getuser(), language=interface_language(settings))
    return Study(quiz=quiz, notebook=notebook, person=person)


def make_quiz(settings: Settings, notebook: Notebook, database: Database) -> Quiz:
    """The quiz on one vault's cards."""
    from bot.quiz.quiz import Quiz

    defaults = default_learner(settings)
    return Quiz(database=database, vault=notebook.folder.name, defaults=defaults, seconds=settings.quiz.group_seconds)


def default_learner(settings: Settings) -> Learner:
    """What a person who has set nothing has.

    Raises:
        SettingsProblem: there is no such time zone.
    """
    from bot.quiz.days import UnknownTimezone, local_timezone, zone
    from bot.state.cards import Learner

    wanted = settings.quiz
    try:
        timezone = zone(wanted.timezone).key if wanted.timezone else local_timezone()
    except UnknownTimezone as problem:
        raise SettingsProblem(f"quiz.timezone: {problem}") from problem
    return Learner(timezone=timezone, new_per_day=wanted.new_per_day, retention=wanted.retention)


async def _import(at: Study, file: Path) -> str:
    from bot.quiz.exporting import LogProblem, read_logs
    from bot.quiz.importing import import_reviews

    desk = at.quiz.desk
    try:
        logged, unknown = read_logs(await asyncio.to_thread(_read, file), await desk.deck.store.ids())
    except OSError as error:
        raise SettingsProblem(f"{file}: cannot be read: {error.strerror}") from error
    except LogProblem as problem:
        raise LogProblem(f"{file}: {problem}") from problem
    count = await import_reviews(desk.reviews, await desk.learners.get(at.person), logged)
    return prompts.load("quiz").say("imported", at.person.language, count=count, unknown=unknown)


def _read(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
