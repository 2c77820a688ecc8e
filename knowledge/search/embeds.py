"""What a note shows of other notes: the text behind an embed such as `![[note#^block]]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from knowledge.passages.reader_form import EMBED, readable
from knowledge.passages.structure import Shape, item_at, pieces_of
from knowledge.types import Passage

LONGEST = 300
"""Characters that are shown of what is embedded."""
MOST = 5
"""Embeds of one passage that are looked up."""

Read = Callable[[str], Sequence[Passage]]
"""The passages of the note at a path."""


def paths_by_name(paths: Sequence[str]) -> dict[str, str]:
    """The path of each note by the name that links give it."""
    return {
        name: path for path in reversed(paths) for name in (PurePosixPath(path).stem.lower(), path.rpartition(".")[0].lower())
    }


def embeds_of(passage: Passage, paths: Mapping[str, str], read: Read) -> tuple[tuple[str, str], ...]:
    """Target and text of each embed of another note, those that are found."""
    found: dict[str, str] = {}
    for embed in list(EMBED.finditer(passage.text))[:MOST]:
        target = embed[1].strip()
        name, _, part = target.partition("|")[0].partition("#")
        path = paths.get(name.strip().lower().removesuffix(".md")) if name.strip() else passage.path
        if path and (words := _part_of(read(path), part.strip())):
            found[target] = words
    return tuple(found.items())


def _part_of(passages: Sequence[Passage], part: str) -> str:
    """A block by its `^id`, the beginning of a section by its heading, or the beginning of the note, on one line."""
    for passage in passages:
        if part.startswith("^"):
            words = _block(passage.text, part)
        elif not part or part.rpartition("#")[2].strip() in passage.heading:
            words = next((passage.text[p.start : p.end] for p in pieces_of(passage.text) if p.shape is not Shape.HEADING), "")
        else:
            continue
        if words and (shown := " ".join(readable(words).split())):
            return shown[:LONGEST]
    return ""


def _block(text: str, mark: str) -> str:
    at = text.find(mark)
    while at >= 0 and text[at + len(mark) : at + len(mark) + 1].strip():
        at = text.find(mark, at + 1)
    if at < 0:
        return ""
    pieces = pieces_of(text)
    number = next(n for n, piece in enumerate(pieces) if piece.end > at)
    piece = pieces[number]
    if piece.shape is Shape.LIST:
        start, end = item_at(text, piece, at)
        return text[start:end]
    if text[piece.start : piece.end].strip() == mark and number:
        piece = pieces[number - 1]
    return text[piece.start : piece.end]
