"""Cards from tables: a cell by the names of its row and column, and the attributes of what a line names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import prompts
from bot.quiz.cards.card import CardKind
from bot.quiz.cards.document import CardDraft, NoteDocument, Table
from bot.quiz.cards.extractors.cloze import gap_draft
from bot.quiz.cards.extractors.quality import HOLLOW_ZH, JOINING_ZH, JUNK, ends_in_noun, is_closed, leans, words_of
from bot.quiz.cards.extractors.sentences import Sentence, clip_around, with_lead
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


NAMES = (
    "原因|目的|作用|本质|核心|核心思想|主要思想|基本思想|优点|缺点|优势|劣势|目标|宗旨|特点|特征|关键"
    "|瓶颈|难点|前提|重点|研究重点|区别|差别|任务|功能|用途|代价|首都|首府|总部|作者|创始人|发明者"
    "|别名|学名"
    "|全称|全名|本名|原名|旧称|简称|前身|主要挑战|最大挑战|最大的挑战|研究目标|根源|来源|依据|单位|含义|定义"
)
SAYS_OF = re.compile(
    rf"^(?P<of>[^，。；：:、]{{2,24}}?)的?(?P<name>(?:主要|根本|最大的?|核心|最终|基本)?(?:{NAMES}))(?:主要"
    rf"|就)?(?:是|在于|为(?!了|何))(?P<rest>[^。：:]+)$"
)
MADE = (
    r"(?:首先|首次|最早|联合|共同|正式)?(?:提出|发明|发现|创立|创办|创建|设计|开发|撰写|创作|建造|建立"
    r"|成立|发布|推出|制作|出版|执导|编写|研发)(?![社商人者员部家])"
)
BY = re.compile(rf"(?:由|被)(?P<who>[^，。；：、的由被]{{2,24}}?)(?:等人)?(?:(?:于|在)[^，。；]{{2,16}}?)?(?:所|负责)?{MADE}")
SHORTEST, LONGEST = 5, 70


def attributes(statement: Sentence) -> Iterator[CardDraft]:
    """`X 的目标是 Y`: what is the aim of X?"""
    match = SAYS_OF.match(statement.text)
    if statement.words.odd or not match or not _is_subject(match["of"]):
        return
    start = match.start("rest")
    end = _end(statement.text, start)
    answer = statement.text[start:end].strip()
    if (
        not SHORTEST <= len(answer) <= LONGEST
        or leans(answer)
        or JUNK.search(answer)
        or not is_closed(answer)
        or _is_vague(answer)
    ):
        return
    if bare(answer) in bare(statement.text[:start]):
        return
    yield CardDraft(
        kind=CardKind.DEFINITION,
        question=prompts.load("cards").say("attribute", "zh", of=match["of"], what=match["name"]),
        answer=statement.words.span(
            start + statement.text[start:end].index(answer[0]), start + len(statement.text[start:end].rstrip())
        ),
        around=statement.span,
        topic=statement.topic,
        thing=f"attribute/{match['name']}",
    )


def makers(statement: Sentence) -> Iterator[CardDraft]:
    """`… 由 Y 提出`, with a gap for Y, when Y is a name."""
    match = BY.search(statement.text)
    who = (
        (match.start("who") + len(match["who"]) - len(match["who"].lstrip()), match.start("who") + len(match["who"].rstrip()))
        if match
        else (0, 0)
    )
    if statement.words.odd or not match or not _is_name(match["who"]):
        return
    clip = clip_around(statement, who)
    made = clip and BY.search(clip.text)
    if clip and made and made.start() >= SHORTEST and bare(clip.answer) not in bare(clip.rest):
        yield gap_draft(clip, CardKind.TERM, "maker")


def _end(text: str, start: int) -> int:
    """With the first clause, when it is long enough to be an answer."""
    for match in re.finditer(r"[，；]", text[start:]):
        clause = text[start : start + match.start()]
        if len(clause) >= 2 * SHORTEST and is_closed(clause) and ends_in_noun(clause):
            return start + match.start()
    return len(text)


def _is_subject(text: str) -> bool:
    words = [word for word in words_of(text) if word.text.strip()]
    if not words or leans(text) or JOINING_ZH.match(text) or JUNK.search(text) or not is_closed(text) or text in HOLLOW_ZH:
        return False
    if any(word.tag in ("d", "r", "zg") for word in words):
        return False
    return words[0].tag[0] in "nvabjlig" or words[0].tag == "eng"


def _is_vague(answer: str) -> bool:
    return bool(
        re.match(r"(?:什么|如何|怎么|多少|以下|非常|很|不|没|对|在于|可以|有|要|能|会|一个?[^，]{0,6}$)", answer)
        or re.search(r"(?:吗|呢|的|了)$", answer)
    )


def _is_name(text: str) -> bool:
    """A person, a company, a place, as its words tell."""
    words = [word for word in words_of(text.strip()) if word.text.strip(" ·•-")]
    names = sum(word.tag in ("nr", "nrt", "nrfg", "nt", "nz", "eng") for word in words)
    return (
        bool(words) and names >= 1 and not any(word.tag in ("r", "m", "uj", "v", "d", "p") for word in words) and not leans(text)
    )
