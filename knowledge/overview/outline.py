"""One note: its outline, each section with its size and the first sentence that tells something, and the note in a few words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from operator import attrgetter

from knowledge.passages import plain, sentences
from knowledge.passages.markdown import Block, BlockKind, blocks_of
from knowledge.types import FrontMatter, Note, Span

DOMINANT = 0.8
"""A section that holds this share of all beside it stands for them: what it branches into says more than its own name."""
LEAST = 12
"""Columns that a sentence needs to tell anything; a Chinese character takes two."""
LONGEST = 140
"""Columns of a sentence that are quoted, halved for Latin script; a longer one ends at its last clause before."""
LOOKED_AT = 5
"""Sentences of a section among which the first telling one is chosen."""
PARAGRAPHS = 8
"""The most paragraphs that stand for a note without headings."""

NUMBERING = re.compile(
    r"^[•·。.\-–—*#>\s]*(?:(?:\d{1,2}(?:\.\d{1,2})+[.、)）:：]?|\d{1,2}[.、)）:：]|[（(][\d一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、)\s*)?"
)
NAME = re.compile(r"[a-z][\w-]+|[\u3400-\u9fff]{2}")
"""What a heading's words are looked for by: Latin words, and Chinese characters two by two."""
LINK = re.compile(r"!?\[[^\[\]\n]*\]\([^()\s]*\)|【[^【】]*】|\[\[[^\[\]\n]*\]\]")
CLAUSE_END = re.compile(r"[，,；;、。]")
ASKS = re.compile(r"[?？][\W_]*$")
LEADS_ON = re.compile(r"[:：][\W_]*$")
ANNOUNCES = re.compile(
    r"^(?:本[文篇章节]|这[篇章节]|下面|接下来|以下|目录|参考|作者|来源|转载|原文|详?见|#)"
    r"|^(?:in this (?:note|post|article|chapter|section)|table of contents|see also|references?|source|author)\b",
    re.IGNORECASE,
)

UNNAMED = re.compile(r"(?:\d+[_-])?[0-9a-f]{10,}|\d{8,14}|untitled[ _-]?\d*|未命名\s*\d*", re.IGNORECASE)
"""File names that no person chose."""
HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+")
SAYS_LITTLE = re.compile(
    r"(?:前言|引言|简介|概述|概览|总览|背景|摘要|总结|小结|结语|结束|结论|参考.{0,4}|目录|附录|其他|其它|更多|相关.{0,4}|链接|复习卡片.*"
    r"|introduction|overview|background|abstract|summary|conclusions?|references?|contents|table of contents|appendix|links"
    r"|see also|related.*|notes?|todo|others?|misc|faq|resources|#?flashcards|question|description)\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it, up to the next heading that is no deeper."""

    heading: tuple[str, ...]
    """The headings above and its own; none for what stands before the first one."""
    start: int
    end: int
    first: Span | None = None
    """The first telling sentence under it, in code points into the file."""

    @property
    def depth(self) -> int:
        return len(self.heading)

    @property
    def size(self) -> int:
        return self.end - self.start


def sections_of(note: Note, blocks: Sequence[Block] = ()) -> tuple[Section, ...]:
    """Every section of `note` in reading order, one within another after it; who has its `blocks` saves reading them."""
    blocks = blocks or blocks_of(note)
    starts = [at for at, block in enumerate(blocks) if not at or block.kind is BlockKind.HEADING]
    return tuple(_section(note.text, blocks, at) for at in starts)


def main_sections(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Those of the level at which the note branches: a lone title above everything says nothing new."""
    inside = [one for one in sections if one.depth]
    while inside:
        level = min(one.depth for one in inside)
        top = [one for one in inside if one.depth == level]
        largest = max(top, key=lambda one: one.size)
        below = within(inside, largest)
        if not below or largest.size < DOMINANT * sum(one.size for one in top):
            return tuple(top)
        inside = [one for one in inside if largest.start < one.start < largest.end]
    return ()


def within(sections: Sequence[Section], section: Section) -> tuple[Section, ...]:
    """The sections right under one, of all in reading order."""
    start_of = attrgetter("start")
    first, last = bisect_right(sections, section.start, key=start_of), bisect_left(sections, section.end, key=start_of)
    below = sections[first:last]
    level = min((one.depth for one in below), default=0)
    return tuple(one for one in below if one.depth == level)


def paragraphs_of(note: Note, blocks: Sequence[Block] = ()) -> tuple[Section, ...]:
    """The first paragraphs that tell something, in the place of sections where a note has none."""
    plain_text = (block for block in blocks or blocks_of(note) if block.kind is BlockKind.TEXT and block.depth <= 1)
    found = (_paragraph(note.text, block) for block in plain_text)
    return tuple(islice((one for one in found if one.first), PARAGRAPHS))


def bare(heading: str) -> str:
    """A heading as it is named in a sentence: no markup, no number, no bullet before it."""
    words = " ".join(plain(heading).split())
    return NUMBERING.sub("", words, count=1).strip() or words


def _section(text: str, blocks: Sequence[Block], at: int) -> Section:
    first, depth = blocks[at], len(blocks[at].heading)
    inside = [first, *_before_heading((blocks[after] for after in range(at + 1, len(blocks))), depth)]
    heading = first.heading
    return Section(heading=heading, start=first.start, end=inside[-1].end, first=_first(text, inside, heading[-1:]))


def _before_heading(blocks: Iterable[Block], depth: int) -> Iterator[Block]:
    """The blocks up to the next heading that is no deeper than `depth`; before the first heading, up to any."""
    for block in blocks:
        if block.kind is BlockKind.HEADING and (len(block.heading) <= depth or not depth):
            return
        yield block


def _paragraph(text: str, block: Block) -> Section:
    return Section(heading=block.heading, start=block.start, end=block.end, first=_first(text, [block]))


def _first(text: str, blocks: Iterable[Block], heading: Sequence[str] = ()) -> Span | None:
    """Of the first telling sentences the one that speaks of what the heading names; otherwise the very first."""
    found = list(islice(_telling(text, blocks), LOOKED_AT))
    names = {word for words in heading for word in NAME.findall(bare(words).lower())}
    start, end = next((span for span in found if _speaks_of(text[slice(*span)].lower(), names)), found[0] if found else (0, 0))
    return (start, _cut(text, start, end)) if end else None


def _telling(text: str, blocks: Iterable[Block]) -> Iterator[Span]:
    """Sentences of the blocks that are written in sentences, in code points into the file."""
    for block in blocks:
        if block.kind is BlockKind.TEXT:
            spans = ((block.start + start, block.start + end) for start, end in sentences(text[block.start : block.end]))
            yield from (span for span in spans if _tells(text[slice(*span)]))


def _speaks_of(sentence: str, names: set[str]) -> bool:
    return any(name in sentence for name in names)


def _tells(sentence: str) -> bool:
    """It says something by itself: neither asked nor announced, and more than a word, a link or a picture."""
    words = " ".join(plain(sentence).split())
    own = plain(LINK.sub(" ", sentence))
    return _columns(own) >= LEAST and not any(pattern.search(words) for pattern in (ASKS, LEADS_ON, ANNOUNCES))


def _cut(text: str, start: int, end: int) -> int:
    """The end of the sentence, or of its last clause that a phone shows in a few lines."""
    most = start + LONGEST // (1 if text[start:end].isascii() else 2) * 2
    if end <= most:
        return end
    clauses = [match.start() for match in CLAUSE_END.finditer(text, start + LEAST, most)]
    return clauses[-1] if clauses else end


def _columns(words: str) -> int:
    return sum(1 + (character > "\u2e7f") for character in words if character.isalnum())


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
    return next((plain(text[start:end]) for start, end in sentences(text) if not _follows_hashes(text, start)), "")


def _follows_hashes(text: str, start: int) -> bool:
    return bool(HEADING.fullmatch(text, text.rfind("\n", 0, start) + 1, start))
