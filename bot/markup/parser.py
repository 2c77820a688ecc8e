"""Markdown parser: styled lines that every platform can draw in its own way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.markup import grammar, inline, latex, tables
from bot.markup.inline import Links
from bot.markup.styled_text import Fence, Rank, StyledLine, TextSpan, clean, is_visible
from knowledge.foreign_text import collector_paused

if TYPE_CHECKING:
    from markdown_it.token import Token

RULE = "———"
BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
LANGUAGE = re.compile(r"[A-Za-z0-9_+#.\-]{1,32}")

Runs = tuple[TextSpan, ...]


def read(markdown: str, links: Links) -> list[StyledLine]:
    """The lines of the whole text; those that would show nothing are left out."""
    source = clean(markdown)
    reading = _Reading(source, links)
    with collector_paused():
        for token in grammar.parse(source):
            reading.take(token)
    return reading.lines


class _Reading:
    """Goes through the flat tokens once; what is open is counted, never recursed into."""

    def __init__(self, source: str, links: Links) -> None:
        self.lines: list[StyledLine] = []
        self._source = source.split("\n")
        self._links = links
        self._numbers: list[int | None] = []
        """The next number of each open list; None for bullets."""
        self._marker = ""
        self._quotes = 0
        self._quote = 0
        self._heading = 0
        self._fresh = True
        self._after_heading = False
        self._rows: list[list[Runs]] | None = None
        """The cells of the table that is open."""
        self._alignments: list[str] = []
        self._table: Token | None = None

    def take(self, token: Token) -> None:
        if token.level == 0 and token.nesting >= 0 and token.type != "inline":
            self._fresh = True
        taker = _TAKERS.get(token.type)
        if taker:
            taker(self, token)

    def _add(self, found: Sequence[StyledLine], token: Token) -> None:
        """Put lines of one block where the block stands: in its lists, its quote, after its marker."""
        start = token.map[0] if token.map else 0
        gap = bool(self.lines) and (bool(self._heading) or (start > 0 and not self._source[start - 1].strip(" \t>")))
        for place, line in enumerate(found):
            first = place == 0
            if first and self._marker and line.fence:
                self._add([StyledLine()], token)
                gap = False
            self.lines.append(
                replace(
                    line,
                    marker=self._marker if first else "",
                    depth=len(self._numbers),
                    quote=self._quote if self._quotes else 0,
                    heading=self._heading,
                    gap=gap if first else line.gap,
                    rank=self._rank() if first else line.rank,
                )
            )
            self._marker = ""
            self._fresh = False
            self._after_heading = False

    def _rank(self) -> int:
        if self._after_heading:
            return Rank.LINE
        return Rank.BLOCK if self._fresh else Rank.ITEM

    def _add_text(self, found: Sequence[Runs], token: Token) -> None:
        """Lines of text; an empty one among them is a gap."""
        lines: list[StyledLine] = []
        gap = False
        for runs in found:
            if is_visible("".join(run.text for run in runs)):
                lines.append(StyledLine(runs=runs, gap=gap and bool(lines)))
                gap = False
            else:
                gap = True
        self._add(lines, token)

    def _add_code(self, text: str, language: str, token: Token) -> None:
        if is_visible(text):
            fence = Fence(language=language)
            rows = re.sub(r"\A(\s*\n)+", "", text).rstrip().expandtabs(4).split("\n")
            self._add([StyledLine(runs=(TextSpan(row),) if row else (), fence=fence) for row in rows], token)

    def _inline(self, token: Token) -> None:
        found = inline.lines_of(token.children or (), self._links)
        if self._rows is not None:
            self._rows[-1].append(_on_one_line(found))
            return
        if self._heading:
            found = [_on_one_line(found)]
        if self._marker and found and found[0] and (box := BOXES.get(found[0][0].text[:4])):
            found[0] = (replace(found[0][0], text=box + found[0][0].text[4:]), *found[0][1:])
        self._add_text(found, token)

    def _plain(self, token: Token) -> None:
        self._add_text([(TextSpan(row.strip().expandtabs(4)),) for row in token.content.split("\n")], token)

    def _code(self, token: Token) -> None:
        language = LANGUAGE.match(token.info.strip()) if token.type == "fence" else None
        self._add_code(token.content, language[0] if language else "", token)

    def _rule(self, token: Token) -> None:
        self._add([StyledLine(runs=(TextSpan(RULE),))], token)

    def _formula(self, token: Token) -> None:
        readable = latex.to_unicode(token.content)
        if readable:
            self._add_text([(TextSpan(readable),)], token)
        else:
            self._add_code(token.content, "latex", token)

    def _html(self, token: Token) -> None:
        self._add_text(
            [(TextSpan(row.strip().expandtabs(4)),) for row in clean(inline.words_of(token.content)).split("\n")], token
        )

    def _open_heading(self, token: Token) -> None:
        self._heading = int(token.tag[1])

    def _close_heading(self, token: Token) -> None:
        self._heading = 0
        self._after_heading = True

    def _open_list(self, token: Token) -> None:
        self._numbers.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None)

    def _close_list(self, token: Token) -> None:
        self._numbers.pop()

    def _open_item(self, token: Token) -> None:
        if self._marker:
            inner = self._numbers.pop()
            self._add([StyledLine()], token)
            self._numbers.append(inner)
        number = self._numbers[-1]
        if number is None:
            self._marker = "-"
        else:
            self._marker = f"{number}."
            self._numbers[-1] = number + 1

    def _close_item(self, token: Token) -> None:
        if self._marker:
            self._add([StyledLine()], token)

    def _open_quote(self, token: Token) -> None:
        self._quote += 0 if self._quotes else 1
        self._quotes += 1

    def _close_quote(self, token: Token) -> None:
        self._quotes -= 1

    def _open_table(self, token: Token) -> None:
        self._rows, self._alignments, self._table = [], [], token

    def _open_row(self, token: Token) -> None:
        if self._rows is not None:
            self._rows.append([])

    def _open_column(self, token: Token) -> None:
        self._alignments.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))

    def _close_table(self, token: Token) -> None:
        rows, self._rows = self._rows or [], None
        self._add(tables.draw(rows, alignments=self._alignments), self._table or token)


def _on_one_line(found: Sequence[Runs]) -> Runs:
    return tuple(run for place, runs in enumerate(found) for run in ((TextSpan(" "), *runs) if place else runs))


_TAKERS: dict[str, Callable[[_Reading, Token], None]] = {
    "inline": _Reading._inline, "plain_lines": _Reading._plain, "fence": _Reading._code, "code_block": _Reading._code,
    "hr": _Reading._rule, "math_block": _Reading._formula, "html_block": _Reading._html,
    "heading_open": _Reading._open_heading, "heading_close": _Reading._close_heading,
    "bullet_list_open": _Reading._open_list, "ordered_list_open": _Reading._open_list,
    "bullet_list_close": _Reading._close_list, "ordered_list_close": _Reading._close_list,
    "list_item_open": _Reading._open_item, "list_item_close": _Reading._close_item,
    "blockquote_open": _Reading._open_quote, "blockquote_close": _Reading._close_quote, "tr_open": _Reading._open_row,
    "th_open": _Reading._open_column, "table_open": _Reading._open_table, "table_close": _Reading._close_table,
}  # fmt: skip
