"""Attribute cards: the purpose, cause or maker that a sentence names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import prompts
from bot.quiz.cards.card import CardKind
from bot.quiz.cards.document import CardDraft
from bot.quiz.cards.extractors.cloze import gap_draft
from bot.quiz.cards.extractors.quality import HOLLOW_ZH, JOINING_ZH, JUNK, ends_in_noun, is_closed, leans, words_of
from bot.quiz.cards.extractors.sentences import Sentence, clip_around
from bot.quiz.cards.rendered_text import bare

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
