"""Labelled questions, read from a file, each with the evidence that answers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import Problem
from bot.types import language_of
from knowledge.foreign_text import parse_json

UNANSWERABLE = "unanswerable"
SEVERAL = "multi"
"""The type of a question that needs all of its evidence; any other is answered by one piece of it."""

Place = tuple[str, str]
"""The path of a note, and words that stand in it."""


class LabelProblem(Problem):
    """The file of questions cannot be used; the message names the line and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A question, and where in the notes its answer stands."""

    id: str
    question: str
    kind: str
    language: str
    history: tuple[str, ...] = ()
    """What was asked before it, oldest first."""
    evidence: tuple[tuple[Place, ...], ...] = ()
    """Each group must be found, by any of its places; none for a question that the notes do not answer."""

    key: str = ""
    """What a right answer says; empty where the file does not tell."""

    @property
    def answerable(self) -> bool:
        return self.kind != UNANSWERABLE


def labelled_in(file: Path) -> tuple[Labelled, ...]:
    """Read JSON Lines of `id`, `question`, `type`, `file` (or `files`), `evidence`; also `lang`, `alt`, `history`, `answer`.

    Raises:
        LabelProblem: the file cannot be read, is empty, or a line is no such question.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelProblem(f"{file}: cannot be read: {error}") from error
    found = tuple(_from_line(file, number, line) for number, line in enumerate(lines, 1) if line.strip())
    if not found:
        raise LabelProblem(f"{file}: holds no question (notesbot eval --make {file} drafts some)")
    return found


def _from_line(file: Path, number: int, line: str) -> Labelled:
    try:
        values = parse_json(line)
        kind = str(values.get("type", "lookup"))
        question = _text(values["question"])
        return Labelled(
            id=str(values.get("id", number)),
            question=question,
            kind=kind,
            language=str(values.get("lang") or language_of(question)),
            history=tuple(_text(turn["content"]) for turn in values.get("history") or () if turn.get("role") != "assistant"),
            evidence=tuple(_groups(values, kind)) if kind != UNANSWERABLE else (),
            key=str(values.get("answer") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        wanted = "`question`, and `file` with a list `evidence` of words that stand in it (or `type`: `unanswerable`)"
        raise LabelProblem(f"{file}, line {number}: not JSON with {wanted} ({error!r})") from error


def _groups(values: dict[str, Any], kind: str) -> Iterator[tuple[Place, ...]]:
    words = [_text(one) for one in values["evidence"]]
    files = values.get("files") or [values["file"]] * len(words)
    places = list(zip(map(_text, files), words, strict=True))
    if not places:
        raise ValueError("no evidence")
    if kind == SEVERAL:
        yield from ((place,) for place in places)
    else:
        yield (*places, *((_text(file), _text(needle)) for file, needle in values.get("alt") or ()))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"{value!r} is no text")
    return value
