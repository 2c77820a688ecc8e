"""An answer and the passages it was given go in; its checked sources come out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.conversation.code import FLAGS, PATTERN
from bot.messages import Citation
from knowledge.excerpts import Excerpt
from knowledge.types import Hit, Span

NO_WORDS = re.compile(r"(?:[\s>*+•-]|\d{1,3}[.)])*")
"""Blanks and list markers: what may stand between two sentences that are quoted as one piece."""
MARK = re.compile(rf"{PATTERN} | \[(?P<numbers>\d{{1,3}}(?:\s*[,，、]\s*\d{{1,3}})*)\]", FLAGS)
"""Code, in which brackets are no marks, or a mark of sources."""


def citation_of(n: int, hit: Hit) -> Citation:
    """A whole passage as source number `n`."""
    passage = hit.passage
    return _citation(n, hit, (passage.start, passage.end))


def cite_excerpts(excerpts: Sequence[Excerpt]) -> tuple[Citation, ...]:
    """Excerpts as numbered sources, the first as it is; of the others, neighbours without words between them become one."""
    groups: list[list[Excerpt]] = []
    for excerpt in excerpts:
        if len(groups) > 1 and _touch(groups[-1][-1], excerpt):
            groups[-1].append(excerpt)
        else:
            groups.append([excerpt])
    return tuple(_citation(n, group[0].hit, (group[0].start, group[-1].end)) for n, group in enumerate(groups, 1))


def _touch(one: Excerpt, two: Excerpt) -> bool:
    passage = one.hit.passage
    if passage.id != two.hit.passage.id:
        return False
    return bool(NO_WORDS.fullmatch(passage.text[one.end - passage.start : two.start - passage.start]))


def _citation(n: int, hit: Hit, span: Span) -> Citation:
    passage = hit.passage
    text = passage.text[span[0] - passage.start : span[1] - passage.start]
    first = passage.lines[0] + _line_ends(passage.text[: span[0] - passage.start])
    return Citation(
        n=n,
        path=passage.path,
        title=passage.title,
        heading=passage.heading,
        lines=(first, first + _line_ends(text)),
        start=span[0],
        end=span[1],
        text=text,
        passage=passage.id,
    )


def _line_ends(text: str) -> int:
    return len(re.findall(r"\r\n?|\n", text))


def without_unknown(text: str, count: int) -> str:
    """`text` without the marks of sources that were not given: `[7]` of five goes, `[2, 7]` becomes `[2]`. Code stays."""

    def keep_known(mark: re.Match[str]) -> str:
        if not mark["numbers"]:
            return mark[0]
        known = [n for n in _numbers(mark) if 1 <= n <= count]
        return "".join(f"[{n}]" for n in dict.fromkeys(known))

    return MARK.sub(keep_known, text)


def cited(text: str, given: Sequence[Citation]) -> tuple[Citation, ...]:
    """Those of the `given` sources that `text` names outside of code, by number."""
    named = {n for mark in MARK.finditer(text) for n in _numbers(mark)}
    return tuple(citation for citation in given if citation.n in named)


def _numbers(mark: re.Match[str]) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", mark["numbers"] or "")]
