"""`notesbot watch`: the index follows the notes. `run` does the same beside its bots."""

from __future__ import annotations

import asyncio
import logging
from argparse import Namespace
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot import DONE
from bot.app import build_notebook, interface_language, run
from bot.cli.process import stop_on_signals
from bot.markup import printable
from bot.middleware.admission import say
from bot.settings import Settings
from knowledge.catalog import CatalogFull
from knowledge.notebook import IndexReport, Notebook
from knowledge.notes import VaultProblem

log = logging.getLogger(__name__)
SLOWEST_S = 30.0
"""Seconds between two looks of `watch` when the setting says never."""


def main(options: Namespace) -> int:
    return run(options, _watch)


async def _watch(options: Namespace, settings: Settings) -> int:
    from bot.platforms.terminal.renderer import Screen, console

    language = interface_language(settings)
    screen = Screen(console(errors=True), language)
    notebook = build_notebook(settings)
    seconds = settings.notes.watch_s or SLOWEST_S

    async def tell(report: IndexReport) -> None:
        counts = {name: getattr(report, name) for name in ("notes", "passages", "added", "changed", "removed")}
        print(printable(screen.say("indexed", seconds=f"{report.seconds:.1f}", **counts)), flush=True)

    try:
        with stop_on_signals() as signals:
            following = asyncio.create_task(follow(notebook, seconds, tell))
            print(printable(say("watch_started", language, folder=notebook.vault.root, seconds=f"{seconds:g}")), flush=True)
            await asyncio.wait({following, asyncio.ensure_future(signals.stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
    finally:
        notebook.close()
    return DONE


async def follow(notebook: Notebook, seconds: float, tell: Callable[[IndexReport], Awaitable[None]]) -> None:
    """Bring the index up to date again and again, `tell` of the first time and of changes; only once when `seconds` is 0.

    A vault that is away for a while (a network folder) or a disk that is full is logged and tried again.
    """
    first = True
    while True:
        try:
            report = await notebook.index()
        except (VaultProblem, CatalogFull) as problem:
            log.warning("the notes were not read again: %s", problem)
        else:
            if first or report.added or report.changed or report.removed:
                await tell(report)
            first = False
        if not seconds:
            return
        await asyncio.sleep(seconds)
