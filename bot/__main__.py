"""Command line: parses the arguments, runs one command, returns its exit code (0 done, 1 failed, 2 bad usage or settings)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from bot import FAILED, MISUSED

# Each command's module is imported when it runs: `--help` must not wait for any library.
COMMANDS = {
    "chat": ("bot.cli.chat", "talk with the notes in this terminal"),
    "ask": ("bot.cli.ask", "answer one question, or a file of them"),
    "search": ("bot.cli.search", "find passages, without an answer"),
    "source": ("bot.cli.source", "show the sources of the last answer"),
    "quiz": ("bot.cli.quiz", "practise flashcards in this terminal"),
    "index": ("bot.cli.index", "read the notes now"),
    "enrich": ("bot.cli.enrich", "have the model write what each passage is about, for the index"),
    "cards": ("bot.cli.cards", "have the model write flashcards for the notes"),
    "aliases": ("bot.cli.aliases", "list the names that the notes give one thing"),
    "eval": ("bot.cli.eval", "measure the search with questions whose answers are known"),
    "export": ("bot.cli.export", "hand over what is kept, for other programs"),
    "watch": ("bot.cli.watch", "read the notes now, and again whenever they change"),
    "run": ("bot.cli.run", "run the bots"),
    "pair": ("bot.cli.pair", "make a code that lets a chat account in"),
    "backup": ("bot.cli.backup", "save what people said and learnt, while the bots run"),
    "restore": ("bot.cli.restore", "put a backup in the database's place"),
    "doctor": ("bot.cli.doctor", "look for faults and say what to do about each"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `arguments` are the process's own when not given."""
    with _written():
        options = parser().parse_args(arguments)
        if not options.command:
            parser().print_help()
            return MISUSED
        return int(import_module(COMMANDS[options.command][0]).main(options))


@contextmanager
def _written() -> Iterator[None]:
    """Output that cannot be written ends the command: with a line when its encoding is poor, silently when nobody reads on."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except UnicodeEncodeError as error:
        remedy = "set PYTHONIOENCODING=utf-8, or a locale with UTF-8"
        sys.stderr.write(f"notesbot: the output takes {error.encoding} only, which lacks characters of the answer: {remedy}\n")
        raise SystemExit(FAILED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(FAILED) from None


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
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
    own = OWN_OPTIONS.get(name)
    if own:
        own(command)
    command.add_argument("--notes", type=Path, metavar="DIR", help="notes folder")
    if name in ("ask", "search", "index", "aliases", "eval"):
        command.add_argument("--json", action="store_true", help="one JSON object a line")


def _of_chat(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", nargs="?", type=Path, metavar="NOTES", help="notes folder (default: the sample notes)")


def _of_questions(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", nargs="*", type=_text, metavar="QUESTION")
    command.add_argument("--questions", type=Path, metavar="FILE.jsonl", help="one question a line: id, question, history")


def _of_ask(command: argparse.ArgumentParser) -> None:
    _of_questions(command)
    command.add_argument("--receipt", action="store_true", help="say how the answer came about")
    command.add_argument("--sentences", type=_positive, metavar="N", help="most sentences quoted when there is no model")


def _of_search(command: argparse.ArgumentParser) -> None:
    _of_questions(command)
    command.add_argument("-k", type=_positive, default=10, metavar="N", dest="count", help="passages (default 10)")


def _of_source(command: argparse.ArgumentParser) -> None:
    command.add_argument("words", nargs="*", type=_text, metavar="NUMBER|WORDS", help="a source's number, or words to find")


def _of_export(command: argparse.ArgumentParser) -> None:
    command.add_argument("what", choices=("cards", "feedback"), help="flashcards, or rated answers as JSON Lines")
    command.add_argument("--format", choices=("apkg", "csv", "json"), default="apkg", help="Anki, table, or review logs")
    _of_person(command)
    command.add_argument("--output", type=Path, metavar="FILE", help="where to (default: notesbot-cards.FORMAT)")
    command.add_argument("--force", action="store_true", help="write over a file that is there")


def _of_quiz(command: argparse.ArgumentParser) -> None:
    command.add_argument("topic", nargs="*", type=_text, metavar="TOPIC", help="a note, heading or tag (default: all)")
    command.add_argument("-n", type=_positive, default=10, metavar="N", dest="count", help="questions (default 10)")
    command.add_argument("--import", type=Path, metavar="FILE.json", dest="logs", help="add FSRS review logs first")
    _of_person(command)


def _of_person(command: argparse.ArgumentParser) -> None:
    command.add_argument("--person", metavar="PLATFORM:ID", help="whose reviews, as telegram:123 (default: yours, here)")


def _of_eval(command: argparse.ArgumentParser) -> None:
    command.add_argument("questions", nargs="?", type=Path, metavar="QUESTIONS.jsonl", help="questions with evidence")
    command.add_argument("--plot", type=Path, metavar="FILE.png", help="draw a chart too")
    command.add_argument(
        "--make", type=Path, metavar="FILE.jsonl", help="draft questions from the notes, to be corrected by hand"
    )
    command.add_argument("--history", action="store_true", help="compare the runs so far")
    command.add_argument(
        "--conversation", type=Path, metavar="FILE.jsonl", help="play conversations turn by turn, and report by kind of turn"
    )
    command.add_argument("--answers", action="store_true", help="answer the questions too: right by their keys, cited, how fast")
    command.add_argument("--min-answered", type=_share, metavar="R", help="fail when fewer turns are answered as expected")
    command.add_argument("--min-recall", type=_share, metavar="R", help="fail when recall@5 is below, for example 0.6")


def _of_enrich(command: argparse.ArgumentParser) -> None:
    command.add_argument("--limit", type=_positive, metavar="N", help="passages in this run (default: all that lack it)")


def _of_cards(command: argparse.ArgumentParser) -> None:
    command.add_argument("--limit", type=_positive, metavar="N", help="passages in this run (default: all that are new)")


def _of_pair(command: argparse.ArgumentParser) -> None:
    command.add_argument("--guest", action="store_true", help="let them ask, but not let others in")


def _of_backup(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="where to")
    command.add_argument("--force", action="store_true", help="write over a file that is there")


def _of_restore(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="a file that `notesbot backup` made")


def _of_doctor(command: argparse.ArgumentParser) -> None:
    command.add_argument("--fix", action="store_true", help="mend what can be mended without a risk")


OWN_OPTIONS = {
    "chat": _of_chat,
    "ask": _of_ask,
    "search": _of_search,
    "source": _of_source,
    "quiz": _of_quiz,
    "export": _of_export,
    "enrich": _of_enrich,
    "cards": _of_cards,
    "eval": _of_eval,
    "pair": _of_pair,
    "doctor": _of_doctor,
    "backup": _of_backup,
    "restore": _of_restore,
}


def _text(word: str) -> str:
    """The system hands on bytes of another encoding as halves of characters, which nothing could print or keep."""
    try:
        word.encode("utf-8")
    except UnicodeEncodeError as error:
        raise argparse.ArgumentTypeError("not text in this terminal's encoding (UTF-8 is what is expected)") from error
    return word


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
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
