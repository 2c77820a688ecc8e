"""Question and answer pairs: `Q::A`, `Q:::A`, and `?` or `??` on a line between the two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.quiz.cards.authored.blocks import SourceLine, own_of
from bot.quiz.cards.document import NoteDocument
from knowledge.passages import code_spans, plain
from knowledge.types import Span

SEPARATOR = re.compile(r"(?<!:):{2,3}(?!:)")
CLOZE = re.compile(r"\{\{c\d+::(?:(?!\}\}|\{\{c\d).)*+\}\}")
LONGEST_LINE = 4000
"""Characters; a longer line is no pair."""
COMMENT = re.compile(r"\s*<!--.*?-->\s*$", re.DOTALL)
BLOCK_ID = re.compile(r"\s+\^[\w-]+\s*$")
MARKER = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?(?:#{1,6}[ \t]+)?")
FIELD = re.compile(r"^[\w-]+$", re.ASCII)
IN_BRACKETS = re.compile(r"[\[(][\w -]+::[^\])]*[\])]")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswer:
    """Where question and answer stand in the file; `both` when the answer asks for the question, too."""

    question: Span
    answer: Span
    both: bool
    own: tuple[str, ...] = ()
    around: Span = (0, 0)


def pairs_of(page: NoteDocument, run: tuple[SourceLine, ...], *, tagged: bool) -> Iterator[QuestionAnswer]:
    """The pairs in one run of lines. Without a deck in the note, `key:: value` is a field of Dataview and `std::sort` is code."""
    begin = 0
    for at, line in enumerate(run):
        if line.code or line.row or line.text.lstrip().startswith("<!--"):
            continue
        if line.text.strip() in ("?", "??"):
            if at > begin and at + 1 < len(run):
                yield from _of_lines(page.note.text, run[begin:at], run[at + 1 :], both=line.text.strip() == "??")
                return
        elif separator := _separator(line.text):
            yield from _of_line(page.note.text, line, separator, tagged=tagged)
            begin = at + 1


def holds_pair(run: tuple[SourceLine, ...]) -> bool:
    """Some line of the run parts question and answer."""
    return any(not line.code and (line.text.strip() in ("?", "??") or _separator(line.text)) for line in run)


def _separator(text: str) -> Span | None:
    """The first `::` or `:::` outside of code."""
    if "::" not in text or len(text) > LONGEST_LINE:
        return None
    code = list(code_spans(text))
    clozes = [match.span() for match in CLOZE.finditer(text)]
    for match in SEPARATOR.finditer(text):
        if not any(start <= match.start() < end for start, end in (*code, *clozes)):
            return match.span()
    return None


def _of_line(text: str, line: SourceLine, separator: Span, *, tagged: bool) -> Iterator[QuestionAnswer]:
    own, words = own_of(line.text)
    begin = words or _marker(line.text)
    question = _trimmed(text, line.start + begin, line.start + separator[0])
    answer = _trimmed(text, line.start + separator[1], line.end)
    if question[0] >= question[1] or answer[0] >= answer[1]:
        return
    if tagged or _is_meant(text[slice(*question)], text[slice(*answer)], line.text):
        yield QuestionAnswer(
            question=question, answer=answer, both=separator[1] - separator[0] == 3, own=own, around=(line.start, line.end)
        )


def _of_lines(text: str, front: tuple[SourceLine, ...], back: tuple[SourceLine, ...], *, both: bool) -> Iterator[QuestionAnswer]:
    own, words = own_of(front[0].text)
    question = _trimmed(text, front[0].start + (words or _marker(front[0].text)), front[-1].end)
    answer = _trimmed(text, back[0].start, back[-1].end)
    if question[0] < question[1] and answer[0] < answer[1]:
        yield QuestionAnswer(question=question, answer=answer, both=both, own=own, around=(front[0].start, back[-1].end))


def _is_meant(question: str, answer: str, line: str) -> bool:
    """A card and not a field or a name in code, in a note that does not say that it holds cards."""
    if (
        FIELD.match(question)
        or IN_BRACKETS.search(line)
        or (re.search(r"\w::\w", line) and line.isascii() and " " not in question.strip())
    ):
        return False
    return plain(question).endswith(("?", "？")) or (
        len(question) >= 4 and len(answer) >= 2 and not re.search(r"[(){};=<>]", line)
    )


def _marker(text: str) -> int:
    match = MARKER.match(text)
    return match.end() if match else 0


def _trimmed(text: str, start: int, end: int) -> Span:
    """Without blanks, comments (the plug-in keeps its schedule in them) and a block's name at the end."""
    piece = text[start:end]
    while True:
        shorter = BLOCK_ID.sub("", COMMENT.sub("", piece)).rstrip()
        if shorter == piece:
            break
        piece = shorter
    return start + len(piece) - len(piece.lstrip()), start + len(piece)
