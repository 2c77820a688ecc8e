"""Clozes that people mark: `==answer==`, `==1;;answer;;hint==`, `{{c1::answer::hint}}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.quiz.cards.card import GAP
from knowledge.passages import code_spans, plain
from knowledge.types import Span

HIGHLIGHT = re.compile(r"==(?!=)(?:(?P<number>\d+);;)?(?P<answer>[^=\n](?:[^\n]*?[^=\n])??)(?:;;(?P<hint>[^=\n;]+))?==(?!=)")
INNER = r"(?:(?!::|\}\}|\{\{c\d).)++"
ANKI = re.compile(rf"\{{\{{c(?P<number>\d+)::(?P<answer>{INNER})(?:::(?P<hint>{INNER}))?\}}\}}", re.DOTALL)
LONGEST = 4000
"""Characters of a paragraph; a longer one is no text to be asked about."""
HIDDEN = "[…]"
"""Stands for another part of the same gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClozeGap:
    """`answer` is its place in the paragraph, `whole` that of its marks, too."""

    answer: Span
    whole: Span
    number: str = ""
    hint: str = ""


def gaps_of(text: str, *, highlights: bool) -> tuple[ClozeGap, ...]:
    """The gaps of a paragraph in order; highlights count only where the note says that it holds cards."""
    if len(text) > LONGEST:
        return ()
    code = list(code_spans(text))
    found = [*ANKI.finditer(text), *(HIGHLIGHT.finditer(text) if highlights else ())]
    return tuple(
        _gap(text, match)
        for match in sorted(found, key=lambda match: match.start())
        if match["answer"].strip() and not any(start <= match.start() < end for start, end in code)
    )


def _gap(text: str, match: re.Match[str]) -> ClozeGap:
    answer = _trimmed(text, match.span("answer"))
    return ClozeGap(answer=answer, whole=match.span(), number=match["number"] or "", hint=match["hint"] or "")


def questions_of(text: str, gaps: tuple[ClozeGap, ...]) -> Iterator[tuple[ClozeGap, str]]:
    """Each gap with the paragraph around it as a person reads it; gaps of one number are closed together."""
    for gap in gaps:
        pieces, at = [], 0
        for other in gaps:
            pieces += [text[at : other.whole[0]], _shown(text, other, gap)]
            at = other.whole[1]
        yield gap, plain("".join([*pieces, text[at:]])).replace("\n", " ")


def _shown(text: str, other: ClozeGap, gap: ClozeGap) -> str:
    if other is gap:
        return f"{GAP}（{gap.hint}）" if gap.hint else GAP
    return HIDDEN if gap.number and other.number == gap.number else text[slice(*other.answer)]


def _trimmed(text: str, span: Span) -> Span:
    piece = text[slice(*span)]
    return span[0] + len(piece) - len(piece.lstrip()), span[0] + len(piece.rstrip())
