"""`notesbot backup FILE`: a copy of what people said and learnt, made while the bots run."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

import prompts
from bot import DONE
from bot.app import interface_language, run, state_file
from bot.markup import printable
from bot.settings import Problem, Settings


def main(options: Namespace) -> int:
    return run(options, _backup)


async def _backup(options: Namespace, settings: Settings) -> int:
    from bot.storage.backup import BackupProblem, back_up, dump_command

    say, language = prompts.load("backup").say, interface_language(settings)
    target: Path = options.file
    source = state_file(settings)
    if source is None:
        raise Problem(say("on_server", language, command=dump_command(settings.state.url, target)))
    if not await asyncio.to_thread(source.exists):
        raise BackupProblem(say("nothing_yet", language, file=source))
    if await asyncio.to_thread(_is_taken, target, source, force=options.force):
        raise BackupProblem(say("is_there", language, file=target))
    await asyncio.to_thread(back_up, source, target)
    size = f"{target.stat().st_size / 1e6:.1f}"  # noqa: ASYNC240
    print(printable(say("backed_up", language, file=target, size=size)))
    return DONE


def _is_taken(target: Path, source: Path, *, force: bool) -> bool:
    """The database itself is never written over."""
    return target.exists() and (not force or target.is_dir() or target.samefile(source))
