"""Clozes that people mark, in text and in tables: `==answer==`, `==1;;answer;;hint==`, `{{c1::answer::hint}}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import prompts
from bot.quiz.cards.card import GAP, CardKind
from bot.quiz.cards.document import CardDraft, Table
from bot.types import language_of
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


QUESTIONS = frozenset("问题 题目 题 问 提问 正面 question questions q front prompt".split())
ANSWERS = frozenset("答案 答 回答 解答 背面 反面 answer answers a back response".split())
TERMS = frozenset("术语 名词 概念 词 词语 单词 生词 term terms word words concept vocabulary".split())
MEANINGS = frozenset("定义 解释 释义 含义 意思 说明 翻译 definition definitions meaning meanings explanation translation".split())


def is_written(table: Table) -> bool:
    """Two columns, headed as a list of cards."""
    heads = [cell.text.strip().casefold() for cell in table.head]
    if len(heads) != 2:
        return False
    return (heads[0] in QUESTIONS and heads[1] in ANSWERS) or (heads[0] in TERMS and heads[1] in MEANINGS)


def cards_of(table: Table) -> Iterator[tuple[str, CardDraft]]:
    """The cards of such a table."""
    asks = table.head[0].text.strip().casefold() in QUESTIONS
    for row, block in zip(table.rows, table.blocks[1:], strict=True):
        if len(row) < 2 or not row[0].text or not row[1].text:
            continue
        language = language_of(row[0].text + row[1].text)
        question = row[0].text if asks else prompts.load("cards").say("definition", language, term=row[0].text)
        others = tuple(other[1].text for other in table.rows if len(other) > 1 and other[1].text not in ("", row[1].text))
        yield (
            row[0].text,
            CardDraft(
                kind=CardKind.PAIR,
                question=question,
                answer=row[1].span(0, len(row[1].text)),
                around=(block.start, block.end),
                thing=f"pairs/{'/'.join(block.heading)}/{table.head[0].text}",
                siblings=others,
            ),
        )
