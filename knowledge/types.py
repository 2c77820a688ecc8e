"""The values that travel through the notes side; this file imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]
"""Start (included) and end (excluded), in Unicode code points into a file's decoded text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a note's YAML header says; `problem` tells in one line why a header could not be read."""

    title: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    date: str = ""
    end: int = 0
    """Where the header ends in the file, in code points; 0 without a header."""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One file of the vault, its text exactly as on disk (line ends, byte order mark and all)."""

    path: str
    """Relative to the vault, with forward slashes."""
    title: str
    front: FrontMatter
    text: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was not read, and why, in words for its owner."""

    path: str
    why: str
    passing: bool = False
    """True when it will be gone by the next run: what was known of the file before stays."""
    refused: bool = False
    """True when reading it took too long or ended the process that read it."""
    expected: bool = False
    """True for what is no note to begin with: nothing is wrong with it."""
    other_kind: bool = False
    """True for a document of a kind that is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a note: always `note.text[start:end] == text`."""

    id: str
    path: str
    title: str
    start: int
    end: int
    lines: tuple[int, int]
    """First and last line, counted from 1, both included."""
    heading: tuple[str, ...]
    """The words of the headings above, outermost first."""
    parents: tuple[str, ...]
    """The words of the bullets above (for a table, its header row), outermost first."""
    text: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSpan:
    """A sentence, by its place in its passage's text."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A found passage; `score` orders the hits of one search and means nothing across searches."""

    passage: Passage
    score: float
    sentences: tuple[ScoredSpan, ...] = ()
    """The passage's sentences that answer the question best, the best first."""
    embeds: tuple[tuple[str, str], ...] = ()
    """What the passage shows of other notes: the target of each embed, and its text."""


ALIAS_FILE = "aliases.yaml"
"""In the vault's top folder: the owner's own pairs of names under `add`, and those that are none under `ban`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Two names of one thing, and the line that says so."""

    one: str
    other: str
    path: str
    line: int
    """Counted from 1."""
    banned: bool = False
    """True when the owner says that they are not the same."""

    @property
    def pair(self) -> frozenset[str]:
        return frozenset((self.one.lower(), self.other.lower()))
