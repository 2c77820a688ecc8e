"""The command line: words go in, one command runs, an exit code comes out (0 done, 1 failed, 2 bad usage or settings)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bot.cli import MISUSED

# Each command's module is imported when it runs: `--help` must not wait for any library.
COMMANDS = {
    "chat": ("bot.cli.talking", "talk with the notes in this terminal"),
    "ask": ("bot.cli.asking", "answer one question, or a file of them"),
    "search": ("bot.cli.searching", "find passages, without an answer"),
    "source": ("bot.cli.showing", "show the sources of the last answer"),
    "quiz": ("bot.cli.quizzing", "practise flashcards in this terminal"),
    "export": ("bot.cli.exporting", "write flashcards or reviews to a file"),
    "index": ("bot.cli.indexing", "read the notes now"),
    "doctor": ("bot.cli.checking", "look for faults and say what to do about each"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `arguments` are the process's own when not given."""
    options = _parser().parse_args(arguments)
    if not options.command:
        _parser().print_help()
        return MISUSED
    return int(import_module(COMMANDS[options.command][0]).main(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="notesbot", description="Discuss your own Markdown notes, with the source of every claim."
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (_, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        command.add_argument(
            "--config", type=Path, metavar="FILE", help="settings file (default: notesbot.yaml, if there is one)"
        )
        command.add_argument("--data", type=Path, metavar="DIR", help="folder for the index and the database")
        _add_options(name, command)
    return parser


def _add_options(name: str, command: argparse.ArgumentParser) -> None:
    match name:
        case "chat":
            command.add_argument("folder", nargs="?", type=Path, metavar="NOTES", help="notes folder (default: the sample notes)")
        case "ask" | "search":
            command.add_argument("question", nargs="*", metavar="QUESTION")
            command.add_argument(
                "--questions", type=Path, metavar="FILE.jsonl", help="one question a line: id, question, history"
            )
        case "quiz":
            command.add_argument("topic", nargs="*", metavar="TOPIC", help="a note, heading or tag (default: all)")
            command.add_argument("-n", type=_positive, default=10, metavar="N", dest="count", help="questions (default 10)")
            command.add_argument("--import", type=Path, metavar="FILE.json", dest="logs", help="add FSRS review logs first")
        case "export":
            command.add_argument("what", choices=["cards"], help="what to write")
            command.add_argument("--format", choices=["apkg", "csv", "json"], default="apkg", help="Anki, table, or review logs")
            command.add_argument("--output", type=Path, metavar="FILE", help="where to (default: notesbot-cards.FORMAT)")
        case "source":
            command.add_argument("words", nargs="*", metavar="NUMBER|WORDS", help="a source's number, or words to find")
    if name != "chat":
        command.add_argument("--notes", dest="folder", type=Path, metavar="DIR", help="notes folder")
    if name in ("ask", "search", "index"):
        command.add_argument("--json", action="store_true", help="one JSON object a line")
    if name == "search":
        command.add_argument("-k", type=_positive, default=10, metavar="N", dest="count", help="passages (default 10)")
    if name == "ask":
        command.add_argument("--sentences", type=_positive, metavar="N", help="most sentences quoted when there is no model")


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


class _Version(argparse.Action):
    """Looks the version up only when asked."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"notesbot {version('notesbot')}")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
