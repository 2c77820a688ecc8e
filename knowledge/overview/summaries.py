"""Each note in a few words: its title, its size and the headings that say what it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from knowledge.overview.outline import DOMINANT, bare
from knowledge.passages import plain, sentences
from knowledge.types import FrontMatter

UNNAMED = re.compile(r"(?:\d+[_-])?[0-9a-f]{10,}|\d{8,14}|untitled[ _-]?\d*|未命名\s*\d*", re.IGNORECASE)
"""File names that no person chose."""
HEADING = re.compile(r"(?:^|\n)[ \t]*#{1,6}[ \t]+$")
SAYS_LITTLE = re.compile(
    r"(?:前言|引言|简介|概述|概览|总览|背景|摘要|总结|小结|结语|结束|结论|参考.{0,4}|目录|附录|其他|其它|更多|相关.{0,4}|链接|复习卡片.*"
    r"|introduction|overview|background|abstract|summary|conclusions?|references?|contents|table of contents|appendix|links"
    r"|see also|related.*|notes?|todo|others?|misc|faq|resources|#?flashcards|question|description)\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSummary:
    """A note in a few words."""

    path: str
    title: str
    headings: tuple[str, ...]
    """Those of the level at which it branches, in reading order, as they stand in the note."""
    passages: int
    characters: int
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    opening: str = ""
    """Its first sentence."""

    @property
    def key(self) -> str:
        """A short name for it, the same for as long as it has its path."""
        return key_of(self.path)

    @property
    def name(self) -> str:
        """Its title; its beginning, where the title is only a file name that no person chose."""
        title = bare(self.title)
        return (self.opening or next(map(bare, self.headings), "") or title) if UNNAMED.fullmatch(title) else title

    @property
    def points(self) -> tuple[str, ...]:
        """The headings that say what it is about, bare."""
        telling = dict.fromkeys(words for words in map(bare, self.headings) if not says_little(words))
        return tuple(words for words in telling if words.lower() != self.name.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlinePiece:
    """A passage as far as an overview needs it."""

    heading: tuple[str, ...]
    characters: int


def summarize(
    path: str, title: str, pieces: Sequence[OutlinePiece], *, front: FrontMatter | None = None, beginning: str = ""
) -> NoteSummary:
    """A note by its passages in reading order, what its front matter says, and the `beginning` of its text."""
    return NoteSummary(
        path=path,
        title=title,
        headings=_branches(pieces, title),
        passages=len(pieces),
        characters=sum(piece.characters for piece in pieces),
        tags=front.tags if front else (),
        aliases=front.aliases if front else (),
        opening=opening_of(beginning),
    )


def _branches(pieces: Sequence[OutlinePiece], title: str) -> tuple[str, ...]:
    """The headings of the first level that no single one of them dominates."""
    depth, inside = 0, list(pieces)
    while True:
        sizes: Counter[str] = Counter()
        for piece in inside:
            if len(piece.heading) > depth:
                sizes[piece.heading[depth]] += piece.characters
        largest, size = sizes.most_common(1)[0] if sizes else ("", 0)
        below = [p for p in inside if len(p.heading) > depth + 1 and p.heading[depth] == largest]
        if len({p.heading[depth + 1] for p in below}) < 2 or size < DOMINANT * sum(sizes.values()):
            return tuple(heading for heading in sizes if heading != title)
        depth, inside = depth + 1, below


def says_little(heading: str) -> bool:
    """It stands in any note, whatever that is about."""
    return bool(SAYS_LITTLE.fullmatch(heading))


def key_of(name: str) -> str:
    """Ten characters that stand for a path where there is no room for it."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def opening_of(text: str) -> str:
    """The first sentence that is no heading, as it is read."""
    return next((plain(text[start:end]) for start, end in sentences(text) if not HEADING.search(text, 0, start)), "")
