"""Questions from the command line or a JSON Lines file, one by one, with their ids and the turns before them."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.markup import printable
from bot.markup.plain import UNPRINTABLE
from bot.settings import SettingsProblem
from knowledge.foreign_text import parse_json


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTurn:
    """What somebody and then the assistant said; empty where one of them said nothing."""

    question: str = ""
    answer: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRecord:
    """One question to answer."""

    id: str
    question: str
    history: tuple[RecordedTurn, ...] = ()
    """The exchanges before it, oldest first."""
    person: str = ""
    """Who asks; the same one as in every exchange that names nobody, when empty."""
    reply_to: int | None = None
    """The exchange that it replies to."""


def asked(options: Namespace) -> Iterator[QuestionRecord]:
    """The question in `options`, or those of its file, read line by line.

    Raises:
        SettingsProblem: there is neither, or a line is no question.
    """
    if options.questions and options.question:
        raise SettingsProblem("name a QUESTION or --questions FILE, not both")
    if options.questions:
        yield from _from_file(options.questions)
    elif words := " ".join(options.question).strip():
        yield QuestionRecord(id="1", question=words)
    else:
        raise SettingsProblem(f"what is the question? (notesbot {options.command} QUESTION)")


def _from_file(file: Path) -> Iterator[QuestionRecord]:
    number, empty = 0, True
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    empty = False
                    yield _from_line(file, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsProblem(f"{file}: cannot be read: {error}") from error
    if empty:
        raise SettingsProblem(f"{file}: holds no question ({number} lines)")


def _from_line(file: Path, number: int, line: str) -> QuestionRecord:
    try:
        values = parse_json(line)
        entries = list(values.get("history") or ())
        history, place = _exchanges(entries)
        reply_to = values.get("reply_to")
        asked = QuestionRecord(
            id=str(values.get("id", number)),
            question=_text(values["question"]),
            history=history,
            person=_text(values.get("person") or ""),
            reply_to=None if reply_to is None else place[reply_to],
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        why = " ".join(str(error).split())
        raise SettingsProblem(f"{file}, line {number}: not a question as JSON with `id` and `question` ({why})") from error
    if not asked.question.strip():
        raise SettingsProblem(f"{file}, line {number}: the question is empty")
    return asked


def _exchanges(entries: Sequence[dict[str, object]]) -> tuple[tuple[RecordedTurn, ...], list[int]]:
    """The entries in pairs of a question and its answer, and for each entry the pair that it is in."""
    turns: list[RecordedTurn] = []
    place: list[int] = []
    open_question = False
    for entry in entries:
        role, words = _role(entry["role"]), _text(entry["content"])
        if role == "user":
            turns.append(RecordedTurn(question=words, person=_text(entry.get("person") or "")))
        elif open_question:
            turns[-1] = replace(turns[-1], answer=words)
        else:
            turns.append(RecordedTurn(answer=words))
        open_question = role == "user"
        place.append(len(turns) - 1)
    return tuple(turns), place


def _role(value: object) -> str:
    if value not in ("user", "assistant"):
        raise ValueError(f"the role {value!r} is neither user nor assistant")
    return str(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    value.encode("utf-8")  # raises UnicodeEncodeError for half a character, which nothing could print or keep
    return value


def print_json(value: object) -> None:
    """One object on one line, Chinese as it is."""
    line = json.dumps(value, ensure_ascii=False)
    print(UNPRINTABLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line), flush=True)


def note_progress(words: str) -> None:
    """A line for the person at the terminal; never in the output that programs read."""
    if sys.stderr.isatty():
        print(printable(words), file=sys.stderr)
