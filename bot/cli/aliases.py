"""`notesbot aliases`: the names that the notes give one thing, each pair with the line that says so."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from bot.app import build_notebook, run
from bot.cli.question_files import print_json
from bot.markup import printable
from bot.settings import Settings


def main(options: Namespace) -> int:
    return run(options, _aliases)


async def _aliases(options: Namespace, settings: Settings) -> int:
    notebook = build_notebook(settings)
    try:
        await notebook.index()
        for alias in await notebook.aliases():
            if options.json:
                print_json({key: value for key, value in asdict(alias).items() if key != "banned"})
            else:
                print(printable(f"{alias.one} = {alias.other}  ({alias.path}:{alias.line})"))
    finally:
        notebook.close()
    return 0
