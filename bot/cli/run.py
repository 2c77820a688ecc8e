"""`notesbot run`: every platform that has a token runs in this process, beside one notebook and one database.

What a platform is stands in `bot.platforms.protocol`. A refused login is a `bot.settings.PlatformProblem` of one line; any
other exception is a fault, is logged with its traceback, and the platform is made anew.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from bot import DONE, FAILED
from bot.app import App, build, interface_language, run
from bot.backoff import Backoff, pause
from bot.cli.process import Signals, keep_tokens_out, stop_on_signals
from bot.cli.quiz import bring, make_quiz, refreshing
from bot.cli.watch import follow
from bot.markup import printable
from bot.settings import PlatformProblem, Problem, Settings, SettingsProblem, scrub, token_of
from bot.types import Ask, Delivery, Language, Page, Place
from knowledge.notes import VaultProblem

if TYPE_CHECKING:
    from bot.commands import CommandRouter
    from bot.middleware import Middleware
    from bot.platforms.protocol import Connect, Platform
    from bot.quiz.card_sync import Refreshing
    from bot.quiz.router import Quiz
    from bot.storage import Database, RunnerLock
    from knowledge.notebook import IndexReport

log = logging.getLogger(__name__)

CLOSING_S = 10.0
"""Seconds that platforms get for their last words, after the answers' grace."""
PRUNE_S = 3600.0
AGAIN_S, LONGEST_AGAIN_S = 10.0, 300.0
"""Seconds that a database or a folder which failed is left alone; twice as long each further time."""

Work = Callable[[], Coroutine[None, None, None]]


def main(options: Namespace) -> int:
    return run(options, _run)


async def _run(options: Namespace, settings: Settings) -> int:
    tokens = {name: token_of(section) for name, section in settings.platforms.items()}
    connects = {name: partial(_connect, settings.platforms[name].package, token) for name, token in tokens.items() if token}
    if not connects:
        from bot.middleware.admission import say

        raise SettingsProblem(say("run_no_token", interface_language(settings)))
    return await run_bots(settings, connects)


def _connect(package: str, token: str, parts: App, ask: Ask, controls: CommandRouter, guards: Middleware) -> Platform:
    connect: Connect = import_module(package).connect
    return connect(settings=parts.settings, token=token, ask=ask, controls=controls, guards=guards, state=parts.state)


Make = Callable[[App, Ask, "CommandRouter", "Middleware"], "Platform"]


class PlatformRegistry:
    """The platforms as they run now: a page that nobody asked for goes to the one that its place is on."""

    def __init__(self) -> None:
        self._platforms: dict[str, Platform] = {}
        self._under_way: set[asyncio.Task[Delivery]] = set()
        self._closed = False

    def make(self, name: str, make: Make, parts: App, ask: Ask, controls: CommandRouter, guards: Middleware) -> Platform:
        """Make a platform, in the place of the one before if that broke."""
        self._platforms[name] = make(parts, ask, controls, guards)
        return self._platforms[name]

    def is_ready(self, place: Place) -> bool:
        """True when pages can be delivered on the place's platform."""
        platform = self._platforms.get(place.platform)
        return platform is not None and platform.is_ready and not self._closed

    async def deliver(self, place: Place, page: Page) -> Delivery:
        """Show a page. One that has begun is shown to its end, whoever waits for it is cancelled or not."""
        if not self.is_ready(place):
            return Delivery.NOT_NOW
        task = asyncio.create_task(self._platforms[place.platform].deliver(place, page))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Deliver nothing more; return when what has begun is shown."""
        self._closed = True
        if self._under_way:
            await asyncio.wait(set(self._under_way), timeout=CLOSING_S)

    async def tell_erased(self, place: Place, language: Language) -> bool:
        """Say that what was forgotten is wiped; False when nobody can be told now."""
        from bot.memory import erased_page

        return await self.deliver(place, erased_page(language)) is not Delivery.NOT_NOW


async def run_bots(settings: Settings, makes: Mapping[str, Make]) -> int:
    """Run the platforms until a signal comes (exit code 0) or none is left (1)."""
    from bot.middleware import Middleware, guarded

    keep_tokens_out()
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(build(settings))
        lock = await stack.enter_async_context(_alone(parts.state.database, settings))
        guards = Middleware.of(settings, parts.state.database)
        signals = stack.enter_context(stop_on_signals())
        controls, quiz, cards = _controls(parts, guards)
        reached = PlatformRegistry()
        works: list[Work] = [
            lambda: _follow_notes(parts, quiz, cards),
            lambda: _prune(guards),
            lambda: parts.memory.work(signals.stop),
            lambda: quiz.serve(reached),
            lambda: lock.watch(signals.stop.set),
            lambda: parts.memory.forget.erasures.work(reached.tell_erased),
        ]
        if parts.models:
            works.append(parts.models.warm_up)
        for work in works:
            await stack.enter_async_context(_beside(work))
        ask = guarded(parts.assistant.ask, guards)
        platforms = {name: partial(reached.make, name, make, parts, ask, controls, guards) for name, make in makes.items()}
        _tell(settings, "run_started", platforms=", ".join(platforms))
        return await _serve(settings, platforms, guards, signals, reached)


def _controls(parts: App, guards: Middleware) -> tuple[CommandRouter, Quiz, Refreshing]:
    """What commands and buttons do, the flashcards among it."""
    from bot.commands import CommandRouter
    from bot.memory import MemoryPages

    settings, notebook = parts.settings, parts.notebook
    model = parts.models.fast if parts.models else None
    quiz = make_quiz(settings, notebook, parts.state.database, model=model, found_hard=parts.memory.found_hard)
    cards = refreshing(quiz, notebook)
    controls = CommandRouter(
        notebook=notebook,
        state=parts.state,
        commands=parts.commands,
        guards=guards,
        quizzes=quiz,
        memories=MemoryPages(parts.memory),
        inbox=settings.notes.inbox,
        reindexed=partial(bring, quiz, cards, notebook),
    )
    return controls, quiz, cards


async def _serve(
    settings: Settings,
    makes: Mapping[str, Callable[[], Platform]],
    guards: Middleware,
    signals: Signals,
    reached: PlatformRegistry,
) -> int:
    running = {asyncio.create_task(_keep_running(name, make, signals.stop)) for name, make in makes.items()}
    asked = asyncio.create_task(signals.stop.wait())
    all_ended = asyncio.create_task(_wait_for_all(running))
    await asyncio.wait({asked, all_ended}, return_when=asyncio.FIRST_COMPLETED)
    if not signals.stop.is_set():
        asked.cancel()
        return FAILED
    _tell(settings, "run_stopping", seconds=f"{settings.run.grace_s:g}")
    await asyncio.gather(reached.close(), _end_answers(guards, settings.run.grace_s, signals.hurry))
    _, late = await asyncio.wait(running, timeout=CLOSING_S)
    for task in late:
        task.cancel()
    await asyncio.wait({all_ended})
    return DONE


async def _wait_for_all(tasks: set[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks)


async def _end_answers(guards: Middleware, grace_s: float, hurry: asyncio.Event) -> None:
    """Answers that have begun end by themselves, or are ended after `grace_s`, or at once when somebody is in a hurry."""
    ending, hurried = asyncio.create_task(guards.drain(grace_s)), asyncio.create_task(hurry.wait())
    await asyncio.wait({ending, hurried}, timeout=grace_s + CLOSING_S, return_when=asyncio.FIRST_COMPLETED)
    if hurry.is_set() and not ending.done():
        now = asyncio.create_task(guards.drain(0))
        await asyncio.wait({now}, timeout=CLOSING_S)
        now.cancel()
    for task in (ending, hurried):
        task.cancel()


async def _keep_running(name: str, make: Callable[[], Platform], stop: asyncio.Event) -> None:
    """Run one platform; make it anew whenever it breaks, and give it up only for what a person has to mend."""
    backoff = Backoff()
    while not stop.is_set():
        try:
            await make().run(stop)
            return
        except PlatformProblem as problem:
            print(printable(scrub(f"notesbot: {name}: {problem}")), file=sys.stderr, flush=True)
            return
        except Problem as problem:
            log.warning("%s is made anew: %s", name, problem)
        except Exception:
            log.exception("%s broke, and is made anew", name)
        await pause(stop, backoff.delay())


async def _follow_notes(parts: App, quiz: Quiz, cards: Refreshing) -> None:
    """The bots answer from what is indexed so far; Chroma is opened behind the first reading, and cards follow the notes."""
    opened = False

    async def tell(report: IndexReport) -> None:
        nonlocal opened
        log.info("%d notes, %d passages (%.1f s)", report.notes, report.passages, report.seconds)
        await bring(quiz, cards, parts.notebook)
        if not opened:
            await parts.notebook.use_chroma()
            opened = True

    await follow(parts.notebook, parts.settings.notes.watch_s, tell)


async def _prune(guards: Middleware) -> None:
    while True:
        await guards.prune()
        await asyncio.sleep(PRUNE_S)


@asynccontextmanager
async def _beside(work: Work) -> AsyncIterator[None]:
    """The work is done while the block runs, and ended with it; the bots do without it when it breaks."""
    task = asyncio.create_task(_kept_up(work))
    task.add_done_callback(_log_fault)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _kept_up(work: Work) -> None:
    """Do the work, from the beginning when a database or the notes failed: what is away for a minute must not end it for good."""
    backoff = Backoff(first=AGAIN_S, longest=LONGEST_AGAIN_S)
    while True:
        try:
            return await work()
        except (Problem, VaultProblem) as problem:
            wait = backoff.delay()
            log.warning("work beside the bots is begun again in %.0f s: %s", wait, problem)
            await asyncio.sleep(wait)


def _log_fault(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        log.error("work beside the bots broke", exc_info=task.exception())


@asynccontextmanager
async def _alone(database: Database, settings: Settings) -> AsyncIterator[RunnerLock]:
    from bot.middleware.admission import say
    from bot.storage import RunnerLock

    lock = RunnerLock(database)
    if not await lock.take():
        raise Problem(say("run_other", interface_language(settings), database=database.name))
    try:
        yield lock
    finally:
        await lock.release()


def _tell(settings: Settings, name: str, **values: object) -> None:
    from bot.middleware.admission import say

    print(printable(say(name, interface_language(settings), **values)), flush=True)
