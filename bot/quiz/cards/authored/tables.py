"""Cards from tables whose header says that they hold questions and answers, or terms and definitions."""

from __future__ import annotations

from collections.abc import Iterator

import prompts
from bot.quiz.cards.card import CardKind
from bot.quiz.cards.document import CardDraft, Table
from bot.types import language_of

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
