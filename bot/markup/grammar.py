"""The Markdown that models write: CommonMark with tables, strikethrough and math, and milder where a chat must lose nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from knowledge.foreign_text import collector_paused

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_block import ParserBlock
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    InlineRule = Callable[[StateInline, bool], bool]

NESTING = 40
"""Blocks within blocks, two for a list; deeper ones are shown as plain lines. Each costs Python three frames of its stack."""
MATH_LINES = 60
MATH_LENGTH = 1000
"""Where the search for the end of a formula stops, so that unclosed ones cost no quadratic time."""

INLINE_MATH = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"))
BLOCK_MATH = {"$$": "$$", "\\[": "\\]"}
NOT_DEFINED = re.compile(r"\[(\^|\d+\])")
DIGITS = re.compile(r"[0-9]\*[0-9]")
CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff]")
WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef“”‘’…—·]")


def parse(markdown: str) -> list[Token]:
    """Markdown's flat tokens. Indented lines are no code: models fence theirs, and deep indentation in notes is prose."""
    with collector_paused():
        return _parser().parse(markdown)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import image, link

    parser = MarkdownIt("commonmark", {"maxNesting": NESTING}).enable(["table", "strikethrough"]).disable("code")
    parser.validateLink = lambda _: True  # type: ignore[method-assign, assignment]  # what may be linked is decided where it is drawn
    parser.block = _tolerant_blocks(parser)
    parser.block.ruler.at("reference", _reference, {"alt": []})
    parser.block.ruler.before("fence", "math", _block_math, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.inline.ruler.before("escape", "math", _inline_math)
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.at("link", _before_its_end(link))
    parser.inline.ruler.at("image", _before_its_end(image))
    return parser


def _before_its_end(rule: InlineRule) -> InlineRule:
    """The rule for links or pictures, which looks for an end only where there is one: after the last `](` none begins."""

    def checked(state: StateInline, silent: bool) -> bool:
        if state.env.get("references"):
            return rule(state, silent)
        source, last = state.env.get("last_link", ("", -1))
        if source is not state.src:
            last = state.src.rfind("](")
            state.env["last_link"] = (state.src, last)
        return state.pos < last and rule(state, silent)

    return checked


def _tolerant_blocks(parser: MarkdownIt) -> ParserBlock:
    """The block parser, which keeps what is nested too deeply as plain lines where the original drops it."""
    from markdown_it.parser_block import ParserBlock

    class Blocks(ParserBlock):
        def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803 - markdown-it's names
            if state.level < NESTING - 2:
                super().tokenize(state, startLine, endLine)
            else:
                _push_lines(state, state.skipEmptyLines(startLine), endLine)

    blocks = Blocks()
    blocks.ruler = parser.block.ruler
    return blocks


def _push_lines(state: StateBlock, start: int, end: int) -> None:
    """The lines that belong to this container, as text."""
    line = start
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        line += 1
    state.line = line
    if line > start:
        token = state.push("plain_lines", "", 0)
        token.content = state.getLines(start, line, state.blkIndent, False).strip("\n")
        token.map = [start, line]


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Link definitions, except for footnotes and numbers: what stands there is text, and `[1]` in an answer is a citation."""
    from markdown_it.rules_block import reference

    at = state.bMarks[start] + state.tShift[start]
    if NOT_DEFINED.match(state.src, at):
        return False
    return reference(state, start, end, silent)


def _inline_math(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    for opener, closer in INLINE_MATH:
        if state.src.startswith(opener, state.pos):
            body = _formula(state, opener, closer)
            if body is None:
                return False
            if not silent:
                state.push("math_inline", "math", 0).content = body.strip()
            state.pos += len(opener) + len(body) + len(closer)
            return True
    return False


def _formula(state: StateInline, opener: str, closer: str) -> str | None:
    """The formula that begins here, if it ends within reach; single dollars follow pandoc's rules, which spare prices."""
    start = state.pos + len(opener)
    end = state.src.find(closer, start, min(state.posMax, start + MATH_LENGTH))
    while end > 0 and closer[0] == "$" and state.src[end - 1] == "\\":
        end = state.src.find(closer, end + 1, min(state.posMax, start + MATH_LENGTH))
    body = state.src[start:end]
    if end < 0 or not body.strip() or _is_prose(body):
        return None
    after = state.src[end + len(closer) : end + len(closer) + 1]
    if closer == "\\]" and (after == "(" or body.strip().isdigit()):  # escaped brackets: a number's, or not to be a link
        return None
    if closer == "$":
        beside_word = state.pos > 0 and re.match(r"[0-9A-Za-z$]", state.src[state.pos - 1]) is not None
        if beside_word or body[0].isspace() or body[-1].isspace() or "\n" in body or after.isdigit():
            return None
    return body


def _is_prose(text: str) -> bool:
    """`$5, or 10$` between two prices in a Chinese sentence is no formula."""
    return "\\" not in text and CHINESE.search(text) is not None


def _block_math(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    at = state.bMarks[start] + state.tShift[start]
    closer = BLOCK_MATH.get(state.src[at : at + 2])
    if closer is None:
        return False
    first = state.src[at + 2 : state.eMarks[start]].rstrip()
    if state.src.find(closer, at + 2, state.eMarks[min(end, start + MATH_LINES) - 1]) < 0:
        return False
    last = _closing_line(state, start, end, first, closer)
    if last is None:
        return False
    body = first if last == start else "\n".join([first, state.getLines(start + 1, last + 1, state.blkIndent, False).rstrip()])
    formula = body[: -len(closer)].strip()
    if formula.isdigit():  # a line that is a number in escaped brackets
        return False
    if silent:
        return True
    state.line = last + 1
    token = state.push("math_block", "math", 0)
    token.content = formula
    token.markup = closer
    token.map = [start, last + 1]
    return True


def _closing_line(state: StateBlock, start: int, end: int, first: str, closer: str) -> int | None:
    if closer in first:
        return start if first.endswith(closer) and first.count(closer) == 1 and first[: -len(closer)].strip() else None
    for line in range(start + 1, min(end, start + MATH_LINES)):
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return None
        text = state.src[state.bMarks[line] : state.eMarks[line]].rstrip()
        if closer in text:
            return line if text.endswith(closer) and text.count(closer) == 1 else None
    return None


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Emphasis as in CommonMark, where Chinese around the stars counts as a word's end: `是**重点：**然后` is bold.

    The rule is that of the CJK-friendly amendment (github.com/tats-u/markdown-cjk-friendly).
    """
    from markdown_it.rules_inline.state_inline import Delimiter

    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    opens, closes, length = scanned.can_open, scanned.can_close, scanned.length
    if marker == "*" and length == 1 and DIGITS.match(state.src, max(state.pos - 1, 0)):
        opens = closes = False  # 2*3*4 is a product
    elif marker == "*" and not (opens and closes):
        opens, closes = _beside_chinese(state, length, opens, closes)
    for _ in range(length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(marker=ord(marker), length=length, token=len(state.tokens) - 1, end=-1, open=opens, close=closes)
        )
    state.pos += length
    return True


def _beside_chinese(state: StateInline, length: int, opens: bool, closes: bool) -> tuple[bool, bool]:
    before = state.src[state.pos - 1 : state.pos] or " "
    after = state.src[state.pos + length : state.pos + length + 1] or " "
    if not (WIDE.match(before) or WIDE.match(after)):
        return opens, closes
    return opens or not after.isspace(), closes or not before.isspace()
