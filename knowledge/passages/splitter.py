"""Splitter of blocks into passages: whole sections where they fit, cut where it hurts least where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from unicodedata import category

from knowledge.passages.markdown import Block, BlockKind, blocks_of, line_starts
from knowledge.passages.sentences import sentences
from knowledge.types import Note, Passage

VERSION = 2
"""Goes up with every change here that cuts differently; an index of another version is rebuilt beside the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitLimits:
    """Sizes in characters that a person reads."""

    most: int = 600
    wanted: int = 350
    raw: int = 2400
    """Characters of the file, markup included: a passage of little words in much markup ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPassage:
    """A passage and the words of it that are worth indexing."""

    passage: Passage
    words: str
    markup: bool = False
    """True when it lies in HTML or a diagram, where sentences cannot be told."""


# What it costs to cut between two blocks, in units of "a passage half as long as wanted" (0.25).
BEFORE_CHILD = 3.0
AFTER_LEAD = 6.0
BETWEEN_ROWS = 2.0
BETWEEN_SENTENCES = 1.5
BETWEEN_BULLETS = 0.15
BETWEEN_PARAGRAPHS = 0.1
SHORT = 1.0
WEIGHTLESS = 200
"""Characters; markup without words up to this long may lie inside a passage, longer markup ends it."""
LONGEST_CHARACTER = 64
"""Code points looked back for the beginning of what is drawn as one character; a longer run of marks spells nothing."""
MANY_UNITS = 300
"""In one section; from here on tiny ones go together, for each is weighed against all that may share a passage with it."""
TINY = 24
"""Characters that a person reads; four times as many of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    block: Block
    part: int = 0
    """0 for the first piece of a block, 1 and up for the pieces after it."""

    @property
    def size(self) -> int:
        return len(self.block.words)

    @property
    def raw(self) -> int:
        return self.block.end - self.block.start


def passages_of(note: Note, limits: SplitLimits = SplitLimits()) -> tuple[SplitPassage, ...]:
    """Cut `note` into passages in order; each satisfies `note.text[start:end] == text`, none overlap, none is blank."""
    lines = line_starts(note.text)
    seen: dict[str, int] = {}
    cuts = []
    for section in _sections(blocks_of(note)):
        for piece in _pack([unit for block in section for unit in _units(note.text, block, limits)], limits):
            trimmed = _without_idle_ends(piece)
            if trimmed:
                cuts.append(_cut(note, trimmed, lines, seen))
    return tuple(cuts)


def _sections(blocks: tuple[Block, ...]) -> Iterator[list[Block]]:
    """Headings with what stands under them; headings that directly follow one another stay together."""
    section: list[Block] = []
    has_text = False
    for block in blocks:
        too_long = block.kind is BlockKind.MARKUP and not block.words and block.end - block.start > WEIGHTLESS
        if (too_long or (block.kind is BlockKind.HEADING and has_text)) and section:
            yield section
            section, has_text = [], False
        if not too_long:
            section.append(block)
            has_text = has_text or block.kind is not BlockKind.HEADING
    if section:
        yield section


def _units(text: str, block: Block, limits: SplitLimits) -> Iterator[_Unit]:
    """The block itself where it fits, else its lines or sentences, else slices at the gentlest places."""
    if len(block.words) <= limits.most and block.end - block.start <= limits.raw:
        yield _Unit(block=block)
        return
    pieces = _lines(text, block) if block.kind is BlockKind.CODE else _sentence_pieces(text, block)
    small = [cut for piece in pieces for cut in _safe_slices(text, *piece, most=min(limits.most, limits.raw))]
    for part, (start, end) in enumerate(small):
        words = text[start:end] if block.kind is BlockKind.CODE else _words(text[start:end])
        yield _Unit(block=replace(block, start=start, end=end, words=words, leads=False), part=part)


def _words(markdown: str) -> str:
    from knowledge.passages.plain_text import plain

    return plain(markdown)


def _lines(text: str, block: Block) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"[^\r\n]*\S[^\r\n]*", text[block.start : block.end]):
        yield block.start + match.start(), block.start + len(match.string[: match.end()].rstrip())


def _sentence_pieces(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """The block, parted right after each sentence; list markers and brackets stay with the sentence they precede."""
    spans = sentences(text[block.start : block.end])
    start = block.start
    for _, end in spans[:-1]:
        if text[start : block.start + end].strip():
            yield start, block.start + end
        start = block.start + end
        while start < block.end and text[start].isspace():
            start += 1
    if start < block.end:
        yield start, block.end


def _safe_slices(text: str, start: int, end: int, *, most: int) -> Iterator[tuple[int, int]]:
    """Slices of at most `most` characters, parted after a clause or a blank if there is one, never inside a character."""
    while end - start > most:
        window = text[start : start + most]
        marks = [match.end() for match in re.finditer(r"[，、；：,;:)）】]\s*|\s+", window)]
        cut = start + next((mark for mark in reversed(marks) if mark > most // 2), most)
        cut = _beginning_of_character(text, start, cut)
        yield start, start + len(text[start:cut].rstrip()) or cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end


def _beginning_of_character(text: str, start: int, cut: int) -> int:
    for at in range(cut, max(start, cut - LONGEST_CHARACTER), -1):
        if not _joined(text, start, at):
            return at
    return cut


def _joined(text: str, start: int, at: int) -> bool:
    """True when the character at `at` is drawn together with the one before it.

    Near enough to the grapheme clusters of Unicode's annex 29: marks of every kind, joiners, skin tones, tags and flags, and
    besides them a line end and a backslash with what it escapes.
    """
    here, before = text[at], text[at - 1]
    if category(here).startswith("M") or here in "\u200d\u200c\n" or before in ("\u200d", "\r", "\\"):
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff" or "\U000e0020" <= here <= "\U000e007f":
        return True
    return _is_flag_half(here) and _flag_halves_before(text, start, at) % 2 == 1


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, start: int, at: int) -> int:
    first = at
    while first > start and _is_flag_half(text[first - 1]):
        first -= 1
    return at - first


def _pack(units: list[_Unit], limits: SplitLimits) -> Iterator[list[_Unit]]:
    """Part `units` into runs within the limits at the least total cost: short passages and bad cuts both cost.

    An exact search (dynamic programming) from the end: `best[i]` is the least cost of the groups from `i` on.
    """
    groups = [[unit] for unit in units] if len(units) < MANY_UNITS else list(_tiny_together(units))
    sizes = [sum(unit.size for unit in group) + len(group) for group in groups]
    count = len(groups)
    best, ends = [0.0] * (count + 1), [count] * (count + 1)
    for first in range(count - 1, -1, -1):
        best[first] = float("inf")
        size = -1
        for end in range(first + 1, count + 1):
            size += sizes[end - 1]
            raw = groups[end - 1][-1].block.end - groups[first][0].block.start
            if end - 1 > first and (size > limits.most or raw > limits.raw):
                break
            cut = _cost(groups[end - 1][-1], groups[end][0]) if end < count else 0
            cost = _shortness(size, limits) + best[end] + cut
            if cost < best[first]:
                best[first], ends[first] = cost, end
    first = 0
    while first < count:
        yield [unit for group in groups[first : ends[first]] for unit in group]
        first = ends[first]


def _tiny_together(units: list[_Unit]) -> Iterator[list[_Unit]]:
    group: list[_Unit] = []
    size = 0
    for unit in units:
        size += unit.size + 1
        if group and (size > TINY or unit.block.end - group[0].block.start > 4 * TINY):
            yield group
            group, size = [], unit.size + 1
        group.append(unit)
    yield group


def _shortness(size: int, limits: SplitLimits) -> float:
    missing = max(0.0, (limits.wanted - size) / limits.wanted)
    return SHORT * missing * missing


def _cost(before: _Unit, after: _Unit) -> float:
    """What is lost by a cut between two neighbours."""
    one, two = before.block, after.block
    if after.part:
        return BETWEEN_SENTENCES
    if one.kind is BlockKind.HEADING or one.leads:
        return AFTER_LEAD
    if two.depth > one.depth:
        return BEFORE_CHILD
    if two.kind is BlockKind.ROW and one.kind is BlockKind.ROW:
        return BETWEEN_ROWS
    if two.depth:
        return BETWEEN_BULLETS * two.depth
    return 0.0 if two.leads else BETWEEN_PARAGRAPHS


def _without_idle_ends(units: list[_Unit]) -> list[_Unit]:
    """Markup without words is dropped from both ends."""
    busy = [at for at, unit in enumerate(units) if unit.block.words]
    return units[busy[0] : busy[-1] + 1] if busy else []


def _cut(note: Note, units: list[_Unit], lines: list[int], seen: dict[str, int]) -> SplitPassage:
    start, end = units[0].block.start, units[-1].block.end
    about = next((unit.block for unit in units if unit.block.kind is not BlockKind.HEADING), units[-1].block)
    text = note.text[start:end]
    digest = digest_of(text)
    key = digest_of("\n".join((note.path, *about.heading, digest)))
    seen[key] = seen.get(key, 0) + 1
    passage = Passage(
        id=key if seen[key] == 1 else digest_of(f"{key} {seen[key]}"),
        path=note.path,
        title=note.title,
        start=start,
        end=end,
        lines=_line_range(lines, start, end),
        heading=about.heading,
        parents=about.parents,
        text=text,
        digest=digest,
    )
    markup = all(unit.block.kind in (BlockKind.MARKUP, BlockKind.HEADING) for unit in units)
    return SplitPassage(passage=passage, words="\n".join(unit.block.words for unit in units if unit.block.words), markup=markup)


def _line_range(lines: list[int], start: int, end: int) -> tuple[int, int]:
    from bisect import bisect_right

    return bisect_right(lines, start, hi=len(lines) - 1), bisect_right(lines, end - 1, hi=len(lines) - 1)


def digest_of(text: str) -> str:
    """16 hexadecimal digits, enough to tell the passages of a library apart."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
