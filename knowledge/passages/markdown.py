"""Markdown blocks of a note in order: headings, paragraphs, bullets, table rows, code, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from knowledge.foreign_text import collector_paused, unescaped
from knowledge.passages.plain_text import plain
from knowledge.types import Note, Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

    BlockRule = Callable[[StateBlock, int, int, bool], bool]

PARENT_WORDS = 120
"""Characters kept of each bullet above a passage; its beginning says what it is about."""
HEADING_WORDS = 300
"""Characters kept of a heading: it is kept with every passage below it."""

DEEPEST = 200
"""Blocks within blocks; markdown-it leaves out what lies deeper, and its own default is 20, which is nine bullets."""
DIAGRAM = 'data-mxgraph="'
CLOSING = re.compile(r"(?<=[ \t])#+$")
ATTRIBUTES = re.compile(r"(?<![ \t])[ \t]*+\{[ \t]*[#.][^{}\n]{0,80}\}[ \t]*$|:label:`[^`\n]*`")
PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")


class BlockKind(StrEnum):
    HEADING = "heading"
    TEXT = "text"
    ROW = "row"
    CODE = "code"
    MARKUP = "markup"
    """HTML of which a person reads little or nothing: frames, scripts, pictures, diagrams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a note that belongs together, from its first to its last visible character."""

    kind: BlockKind
    start: int
    end: int
    words: str
    """What a person reads of it."""
    heading: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    depth: int = 0
    """How many lists it lies in."""
    leads: bool = False
    """It introduces what follows (a line that ends in a colon, the head of a table) and should not be cut off from it."""


def blocks_of(note: Note) -> tuple[Block, ...]:
    """The blocks of `note` in order, without its front matter; they never overlap."""
    if note.path.lower().endswith(".txt"):
        return tuple(_plain_blocks(note.text, note.front.end))
    return _MarkdownReader(note.text, note.front.end).blocks()


def _plain_blocks(text: str, start: int) -> Iterator[Block]:
    """Text without Markdown: paragraphs parted by empty lines."""
    for match in PARAGRAPH.finditer(text, start):
        yield Block(kind=BlockKind.TEXT, start=match.start(), end=match.start() + len(match[0].rstrip()), words=match[0])


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.dollarmath.index import math_block_dollar

    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable("table")
    # Inline markup is `plain`'s affair. Without references, `[^1]: ...` is a footnote to be read and not a link's target.
    parser.disable(["inline", "text_join", "reference"], ignoreInvalid=True)
    parser.use(dollarmath_plugin, allow_blank_lines=True)
    parser.block.ruler.at("math_block", _looking_once(math_block_dollar(allow_blank_lines=True)))
    return parser


def _looking_once(rule: BlockRule) -> BlockRule:
    """The rule for formulas, which does not look for an end again where there was none up to the same line."""

    def math(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
        endless: dict[int, int] = state.env.setdefault("endless_math", {})
        if not line.startswith("$$") or ("$$" not in line[2:] and start > endless.get(end, start)):
            return False
        found = rule(state, start, end, silent)
        if not found and "$$" not in line[2:]:
            endless.setdefault(end, start)
        return found

    return math


class _MarkdownReader:
    """Walks the block tokens of one note; `_headings` and `_bullets` are the words above the token at hand."""

    def __init__(self, text: str, body: int) -> None:
        self._text = text
        self._line_starts = line_starts(text)
        self._headings: list[tuple[int, str]] = []
        self._bullets: list[str] = []
        self._lead = ""
        self._blocks: list[Block] = []
        self._body = body
        self._first_line = _line_of(self._line_starts, body)

    def blocks(self) -> tuple[Block, ...]:
        if self._body >= len(self._text):
            return ()
        body = self._text[self._line_starts[self._first_line] :]
        at = 0
        with collector_paused():
            tokens = _parser().parse(body.removeprefix("\ufeff"))
            while at < len(tokens):
                at = self._read(tokens, at)
        return tuple(self._blocks)

    def _read(self, tokens: list[Token], at: int) -> int:
        """Take the token at `at`; return the place of the next one to look at."""
        token = tokens[at]
        match token.type:
            case "heading_open" if token.level == 0:
                self._take_heading(token)
            case "paragraph_open" | "heading_open":
                self._take_text(token)
            case "fence" | "code_block" | "math_block" | "math_block_label":
                self._take(token, BlockKind.CODE)
            case "html_block":
                self._take_markup(token)
            case "table_open":
                return self._take_table(tokens, at)
            case "list_item_open":
                self._bullets.append("")
            case "list_item_close":
                self._bullets.pop()
            case "hr":
                self._lead = ""
        return at + 1

    def _span(self, token: Token) -> Span:
        """The token's lines, without the white space around them."""
        first, last = token.map or [0, 0]
        starts, shift = self._line_starts, self._first_line
        start, end = starts[first + shift], starts[min(last + shift, len(starts) - 1)]
        piece = self._text[start:end]
        blank = len(piece) - len(piece.lstrip("\ufeff \t\r\n\u00a0\u3000"))
        return start + blank, start + max(blank, len(piece.rstrip()))

    def _take(self, token: Token, kind: BlockKind) -> Block | None:
        start, end = self._span(token)
        if start == end:
            return None
        words = self._text[start:end] if kind is BlockKind.CODE else plain(self._text[start:end])
        if kind is BlockKind.TEXT and not words:
            kind = BlockKind.MARKUP
        block = Block(
            kind=kind, start=start, end=end, words=words, heading=self._path(), parents=self._parents(), depth=len(self._bullets)
        )
        self._blocks.append(block)
        return block

    def _path(self) -> tuple[str, ...]:
        return tuple(words for _, words in self._headings)

    def _parents(self) -> tuple[str, ...]:
        above = [self._lead, *self._bullets] if self._bullets else [self._lead]
        return tuple(words[:PARENT_WORDS] for words in above if words)

    def _take_heading(self, token: Token) -> None:
        level = int(token.tag[1])
        self._headings = [(above, words) for above, words in self._headings if above < level]
        self._lead = ""
        start, end = self._span(token)
        words = heading_words(self._text[start:end])[:HEADING_WORDS]
        self._headings.append((level, words))
        self._take(token, BlockKind.HEADING)

    def _take_text(self, token: Token) -> None:
        if not self._bullets:
            self._lead = ""
        block = self._take(token, BlockKind.TEXT)
        if block is None or not block.words:
            return
        if self._bullets:
            self._bullets[-1] = self._bullets[-1] or block.words.split("\n")[0]
        elif len(block.words) <= PARENT_WORDS:
            self._lead = block.words.split("\n")[-1]
        if block.words.rstrip("*").endswith((":", "：")) or _is_bold_line(self._text[block.start : block.end]):
            self._blocks[-1] = replace(block, leads=True)

    def _take_table(self, tokens: list[Token], at: int) -> int:
        """One block a row; the head row is a parent of the others."""
        head = ""
        while tokens[at].type != "table_close":
            if tokens[at].type == "tr_open":
                row = self._take(tokens[at], BlockKind.ROW)
                if row and not head:
                    head = " | ".join(words for words in map(plain, self._text[row.start : row.end].split("|")) if words) or "|"
                    self._blocks[-1] = replace(row, leads=True)
                elif row:
                    self._blocks[-1] = replace(row, parents=(*row.parents, head[:PARENT_WORDS]))
            at += 1
        return at + 1

    def _take_markup(self, token: Token) -> None:
        start, end = self._span(token)
        raw = self._text[start:end]
        if DIAGRAM in raw:
            for label in labels_of_diagram(raw):
                self._append_markup(start + label[0], start + label[1])
        elif start < end:
            self._append_markup(start, end)

    def _append_markup(self, start: int, end: int) -> None:
        words = plain(unescaped(self._text[start:end]))
        self._blocks.append(
            Block(
                kind=BlockKind.MARKUP,
                start=start,
                end=end,
                words=words,
                heading=self._path(),
                parents=self._parents(),
                depth=len(self._bullets),
            )
        )


def heading_words(markdown: str) -> str:
    """The words of a heading, without what closes it (`# C# ##`) or names it for links (`{#sec-c}`)."""
    bare = CLOSING.sub("", ATTRIBUTES.sub("", markdown).rstrip())
    return plain(bare).replace("\n", " ")


def labels_of_diagram(raw: str) -> Iterator[Span]:
    """Places of the labels in an embedded draw.io diagram: what a reader of the page sees of its XML."""
    for match in re.finditer(r"value=\\&quot;(.*?)\\&quot;", raw):
        if re.search(r"\w", match[1]):
            yield match.span(1)


def _is_bold_line(markdown: str) -> bool:
    """A line set wholly in bold is a heading in all but name."""
    return bool(re.fullmatch(r"\*\*[^*\n]+\*\*[:：]?", markdown)) and len(markdown) <= PARENT_WORDS


def line_starts(text: str) -> list[int]:
    """Code-point offset of each line, and the text's length; lines end where Markdown says (LF, CRLF, CR)."""
    return [0, *(match.end() for match in re.finditer(r"\r\n?|\n", text)), len(text)]


def _line_of(starts: list[int], offset: int) -> int:
    from bisect import bisect_right

    return min(bisect_right(starts, offset) - 1, len(starts) - 2)
