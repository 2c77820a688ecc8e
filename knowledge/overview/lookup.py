"""Which note somebody means: by its file, its title, its aliases, or its number in the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from knowledge.overview.groups import NoteGroup, entries_in, entries_of
from knowledge.overview.summaries import NoteSummary
from knowledge.text import fillers, fold, terms

DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九十", 1)}
ENGLISH = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
WORDS = {word: number for number, word in enumerate(ENGLISH, 1)}
ORDINAL = re.compile(rf"第(?P<zh>[一二三四五六七八九十]|\d+)[篇个份]|\b(?:(?P<en>{'|'.join(ENGLISH)})|note (?P<number>\d+))\b")
LAST = re.compile(r"最后一?[篇个份]|\blast\b")
SAID_AROUND = re.compile(
    r"笔记|文档|文件|[那这一][篇个份]|\b(?:the|note|notes|file|document|called|named|on|about)\b|\.(?:md|markdown|mdx|txt)$"
)


def find_note(named: str, notes: Sequence[NoteSummary]) -> NoteSummary | None:
    """The note that is meant; None when there is none that plainly is."""
    words = fold(named).lower().strip()
    if not words or not notes:
        return None
    return _by_name(words, notes) or _by_number(words, notes)


def in_order(notes: Sequence[NoteSummary]) -> Iterator[NoteSummary]:
    """All notes as an overview lists them."""
    for entry in entries_of(notes):
        yield from _inside(entry) if isinstance(entry, NoteGroup) else (entry,)


def _inside(group: NoteGroup) -> Iterator[NoteSummary]:
    for entry in entries_in(group):
        yield from _inside(entry) if isinstance(entry, NoteGroup) else (entry,)


def _by_number(words: str, notes: Sequence[NoteSummary]) -> NoteSummary | None:
    listed = list(in_order(notes))
    if LAST.search(words):
        return listed[-1]
    found = ORDINAL.search(words)
    if not found:
        return None
    said = found["zh"] or found["en"] or found["number"]
    number = DIGITS.get(said) or WORDS.get(said) or (int(said) if said.isdecimal() else 0)
    return listed[number - 1] if 0 < number <= len(listed) else None


def _by_name(words: str, notes: Sequence[NoteSummary]) -> NoteSummary | None:
    """The same name; else the only one, or the shortest, that holds all that was said."""
    wanted = _core(words)
    if not wanted:
        return None
    same = [note for note in notes if wanted in map(_core, _names(note)) or words == note.path.lower()]
    if same:
        return same[0]
    said = set(terms(SAID_AROUND.sub(" ", words))) - fillers()
    holding = [note for note in notes if said and any(said <= set(terms(name)) for name in _names(note))]
    return min(holding, key=lambda note: len(note.name), default=None)


def _names(note: NoteSummary) -> tuple[str, ...]:
    return (note.title, note.name, PurePosixPath(note.path).stem, *note.aliases)


def _core(name: str) -> str:
    """Letters and digits alone, without what is said around a note's name."""
    return re.sub(r"[\W_]+", "", SAID_AROUND.sub("", fold(name).lower()))
