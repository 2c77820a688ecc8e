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
from bot import DONE, FAILED
from bot.app import build_notebook, data_folder, interface_language, models_of, open_database, run
from bot.settings import Settings, SettingsProblem
from bot.types import Language, Person
from knowledge.notebook import Notebook

if TYPE_CHECKING:
    from bot.llm import ChatModel
    from bot.quiz.card_sync import Refreshing
    from bot.quiz.cards.llm_writer import QuestionStore
    from bot.quiz.router import Quiz
    from bot.quiz.session import FoundHard
    from bot.storage import Database
    from bot.storage.cards import Learner


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
    from bot.platforms.terminal.quiz import TerminalQuiz
    from bot.platforms.terminal.renderer import Screen, console
    from bot.quiz.preferences import with_count

    screen = Screen(console(), interface_language(settings))
    async with study(settings, person=person_of(options, settings)) as at:
        if options.logs:
            screen.page(await _import(at, options.logs))
            if options.person:
                return DONE
        words = with_count(" ".join(options.topic), options.count)
        read_line = keyboard(data_folder(settings) / "quiz_history")
        asked = await TerminalQuiz(quiz=at.quiz, notebook=at.notebook, person=at.person, screen=screen, read_line=read_line).run(
            words
        )
    return DONE if asked or options.logs else FAILED


def person_of(options: Namespace, settings: Settings) -> Person:
    """Whoever sits at this terminal, or the one that `--person telegram:123` names.

    Raises:
        SettingsProblem: it names nobody.
    """
    language = interface_language(settings)
    if not options.person:
        return person_here(language)
    platform, _, name = options.person.partition(":")
    if platform not in ("terminal", *settings.platforms) or not name:
        raise SettingsProblem(f"--person {options.person}: give a platform and an id, as telegram:123 or discord:123")
    return Person(platform=platform, id=name, language=language)


def person_here(language: Language) -> Person:
    """Whoever sits at this terminal."""
    import getpass

    return Person(platform="terminal", id=getpass.getuser(), language=language)


@asynccontextmanager
async def study(settings: Settings, *, person: Person) -> AsyncIterator[Study]:
    """The quiz over the state database, its cards made from the notes as they are now."""
    from bot.memory import Memory

    notebook = build_notebook(settings)
    database = await open_database(settings)
    models = models_of(settings.model)
    try:
        memory = Memory(database, None, settings.memory)
        quiz = make_quiz(settings, notebook, database, model=models.fast if models else None, found_hard=memory.found_hard)
        await bring(quiz, refreshing(quiz, notebook), notebook)
        yield Study(quiz=quiz, notebook=notebook, person=person)
    finally:
        notebook.close()
        if models:
            await models.close()
        await database.close()


def make_quiz(
    settings: Settings,
    notebook: Notebook,
    database: Database,
    *,
    model: ChatModel | None = None,
    found_hard: FoundHard | None = None,
) -> Quiz:
    """The quiz on one vault's cards; with a `model`, it has a say in how right a typed answer is."""
    from bot.quiz.grader import SecondOpinion
    from bot.quiz.router import Quiz
    from bot.quiz.session import no_opinion, nobody_cares

    return Quiz(
        database=database,
        vault=notebook.folder.name,
        defaults=default_learner(settings),
        seconds=settings.quiz.group_seconds,
        second_opinion=SecondOpinion(model) if model and settings.quiz.judge else no_opinion,
        found_hard=found_hard or nobody_cares,
    )


def questions_of(notebook: Notebook) -> QuestionStore:
    """What a model asked about the notes (`notesbot cards`)."""
    from bot.quiz.cards.llm_writer import QuestionStore

    return QuestionStore(notebook.folder / "questions.sqlite")


def refreshing(quiz: Quiz, notebook: Notebook) -> Refreshing:
    """What keeps the cards of a quiz at the notes."""
    from bot.quiz.card_sync import Refreshing

    return Refreshing(quiz.deck, notebook.vault, questions_of(notebook))


async def bring(quiz: Quiz, cards: Refreshing, notebook: Notebook) -> None:
    """Make the cards of the notes as they are now, and take the names that the index has found in them."""
    await cards.refresh()
    quiz.take_names([(alias.one, alias.other) for alias in await notebook.aliases()])


def default_learner(settings: Settings) -> Learner:
    """What a person who has set nothing has."""
    from bot.quiz.timezones import local_timezone, zone
    from bot.storage.cards import Learner

    wanted = settings.quiz
    timezone = zone(wanted.timezone).key if wanted.timezone else local_timezone()
    return Learner(timezone=timezone, new_per_day=wanted.new_per_day, retention=wanted.retention)


async def _import(at: Study, file: Path) -> str:
    from bot.quiz.export import LogProblem, import_reviews, read_logs

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
