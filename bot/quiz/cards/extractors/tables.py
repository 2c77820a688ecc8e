"""Table cards: a cell by the names of its row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator

import prompts
from bot.quiz.cards.card import CardKind
from bot.quiz.cards.document import CardDraft, NoteDocument, Table
from bot.quiz.cards.extractors.quality import JUNK, is_closed, leans
from bot.quiz.cards.extractors.sentences import with_lead
from bot.quiz.cards.rendered_text import RenderedText, bare
from bot.types import Language

LONGEST_KEY = 40
LONGEST_CELL = 80
MOST = 60
"""Cards of one table; more would drill one table for a month."""
NOTHING = frozenset("- -- — – / \\ n/a na 无 有 是 否 yes no 同上 略 待补 todo tbd ? ？ x √ ✓ ✗ ✔ × 见上 未知".split())
LOOSE_COLUMN = re.compile(
    r"^(?:备注|说明|remarks?|notes?|comments?|链接|link|url|来源|资料|参考|序号|no\.?|#|id|图|其他"
    r"|其它|示例|例子|描述|介绍|内容|what|impressions?|our impression|examples?|why|为什么|详情|details?)$",
    re.IGNORECASE,
)
SOURCE = re.compile(r"\s*[（(]arXiv[^（）()]*[)）]")
SHORT_KEY = 5
HAN = re.compile(r"[\u3400-\u9fff]")
LOOSE_KEY = re.compile(r"^[\d.\s%]+$")


def cells(page: NoteDocument, table: Table) -> Iterator[CardDraft]:
    """What does this row have in that column? Only where the first column names the rows and the head names the columns."""
    keys = [row[0].text for row in table.rows if row]
    topic = with_lead(page.topic(table.blocks[0]), table.blocks[0])
    if len(table.head) < 2 or len(set(map(bare, keys))) < len(keys) or not topic or not table.head[0].text:
        return
    made = 0
    for row, block in zip(table.rows, table.blocks[1:], strict=True):
        for column, (name, cell) in enumerate(zip(table.head[1:], row[1:], strict=False), 1):
            others = _others(table, column, cell.text)
            if made < MOST and others and _is_askable(row[0], name, cell) and len(row) == len(table.head):
                made += 1
                yield CardDraft(
                    kind=CardKind.CELL,
                    question=_question(table, topic, row[0].text, name.text),
                    answer=cell.span(0, len(cell.text)),
                    around=(block.start, block.end),
                    topic=topic,
                    thing=f"column/{'/'.join(block.heading)}/{table.head[0].text}/{name.text}",
                    siblings=others,
                )


def _question(table: Table, topic: tuple[str, ...], key: str, column: str) -> str:
    """Chinese where anything above or around the cell is Chinese; a bare `32k` gets its column's name."""
    language: Language = "zh" if HAN.search("".join([*topic, *(cell.text for cell in table.head)])) else "en"
    name = f"{table.head[0].text} {key}" if len(key) <= SHORT_KEY and key[:1].isdigit() else key
    return prompts.load("cards").say("cell", language, key=SOURCE.sub("", name), column=column)


def _is_askable(key: RenderedText, name: RenderedText, cell: RenderedText) -> bool:
    if (
        not key.text
        or LOOSE_KEY.match(key.text)
        or len(key.text) > LONGEST_KEY
        or key.odd
        or not name.text
        or LOOSE_COLUMN.match(name.text.strip())
    ):
        return False
    text = cell.text
    return (
        1 < len(text) <= LONGEST_CELL
        and not cell.odd
        and text.casefold() not in NOTHING
        and not JUNK.search(text)
        and not re.search(r"[①②③]|[?？]$", text)
        and is_closed(text)
        and not leans(f"{key.text} {text}")
        and not any(mark.sign == "[" for mark in cell.marks)
    )


def _others(table: Table, column: int, answer: str) -> tuple[str, ...]:
    texts = (row[column].text for row in table.rows if len(row) > column)
    return tuple(dict.fromkeys(text for text in texts if text and bare(text) != bare(answer)))
