"""`notesbot restore FILE`: a backup takes the database's place, once it is found whole and nobody runs the bots."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

from filelock import Timeout

import prompts
from bot import DONE
from bot.app import interface_language, run, state_file
from bot.markup import printable
from bot.settings import Problem, Settings


def main(options: Namespace) -> int:
    return run(options, _restore)


async def _restore(options: Namespace, settings: Settings) -> int:
    from bot.storage.backup import load_command

    say, language = prompts.load("backup").say, interface_language(settings)
    backup: Path = options.file
    target = state_file(settings)
    if target is None:
        raise Problem(say("on_server", language, command=load_command(settings.state.url, backup)))
    try:
        kept = await asyncio.to_thread(_put_back, backup, target)
    except Timeout:
        raise Problem(say("running", language, file=target)) from None
    print(printable(say("restored", language, file=target)))
    if kept:
        print(printable(say("kept", language, file=kept)))
    return DONE


def _put_back(backup: Path, target: Path) -> Path | None:
    """Raises Timeout when the bots run."""
    from bot.storage.backup import restore
    from bot.storage.runner_lock import lock_of

    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock_of(target):
        return restore(backup, target)
