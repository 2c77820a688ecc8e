"""Texts go in; notes come out, in memory or as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from knowledge.notes import parse_front_matter
from knowledge.types import Note


def note_of(text: str, path: str = "note.md") -> Note:
    """A note as the vault would read it."""
    front = parse_front_matter(text)
    return Note(path=path, title=front.title or Path(path).stem, front=front, text=text, digest="-")


def write_notes(folder: Path, texts: Mapping[str, str | bytes]) -> None:
    """Write each text to its path, exactly as it is."""
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
