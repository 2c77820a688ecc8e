"""`notesbot index`: the notes are read now, and a report says what was new, and what was passed over and why."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict

from bot import DONE, FAILED
from bot.app import build_notebook, interface_language, run
from bot.cli.question_files import print_json
from bot.markup import printable
from bot.settings import Settings
from knowledge.notebook import IndexReport


def main(options: Namespace) -> int:
    return run(options, _index)


async def _index(options: Namespace, settings: Settings) -> int:
    from bot.platforms.terminal.renderer import Screen, console

    screen = Screen(console(errors=True), interface_language(settings))
    notebook = build_notebook(settings)
    try:
        with screen.progress() as progress:
            report = await notebook.index(progress)
    finally:
        notebook.close()
    if options.json:
        print_json(as_json(report))
    else:
        counts = {name: value for name, value in asdict(report).items() if isinstance(value, int)}
        print(printable(screen.say("indexed", seconds=f"{report.seconds:.1f}", **counts)))
        for skipped in (*(one for one in report.skipped if not one.other_kind), *report.problems):
            print(printable(f"  {skipped.path or notebook.vault.root}: {skipped.why}"))
    if unread := screen.unread(report):
        print(printable(unread), file=sys.stderr if options.json else sys.stdout)
    if not report.notes:
        screen.console.print(screen.say("no_notes", folder=notebook.vault.root), markup=False, soft_wrap=True)
    return DONE if report.notes else FAILED


def as_json(report: IndexReport) -> dict[str, object]:
    """The stable form; `problems` are notes that were kept though their front matter could not be read."""
    return {
        "notes": report.notes,
        "passages": report.passages,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "skipped": [{"path": s.path, "why": s.why} for s in report.skipped],
        "problems": [{"path": s.path, "why": s.why} for s in report.problems],
        "seconds": round(report.seconds, 3),
    }
