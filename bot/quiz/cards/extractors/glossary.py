"""Bullets and paragraphs that begin with a term and a colon go in; cards that ask for the term come out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.quiz.cards.document import CardDraft
from bot.quiz.cards.extractors.definitions import ESSENCE, WELL_KNOWN, end_of, is_marked, which_term
from bot.quiz.cards.extractors.quality import ends_in_noun, is_term
from bot.quiz.cards.extractors.sentences import Sentence, with_lead
from bot.quiz.cards.pos_tags import words_of

GLOSS = 12
"""Characters; a shorter explanation fits more than one term."""
LISTED_GLOSS = 10
"""The same for a term in a list of terms with their explanations, which the topic names."""
FEWEST_LISTED = 3
COLON = re.compile(
    r"^(?P<term>[^，。；：:,;!?！？（）()]{2,40}?)(?P<alias>\s*[（(][^（）()]{1,60}[)）])?\s*(?:[:：]"
    r"|\s[-–—]{1,2}\s|——)\s*(?:(?:这种|该)(?:方法|技术|策略|做法))?(?P<rest>.+)$",
    re.DOTALL,
)
NO_ACTIONS = frozenset(
    "包括 包含 类似 例如 见 参见 出自 来自 属于 介绍 提出 发现 建议 推荐 适合 支持 是 有 没有 会 要"
    " 应该 需要 可能 可以 认为 表示 指出 基于".split()
)
ACTIONS = frozenset("逐步 直接 先 通过 利用 使用 将 把 让 用 以 借助 根据 按 采用 为 对 给 在 从 由 指".split())


def glosses(statement: Sentence, known: Counter[str], listed: frozenset[int]) -> Iterator[CardDraft]:
    """**X**：通过…: which term is explained like this? `listed` are the places of bullets that stand in a list of such terms."""
    match = COLON.match(statement.text)
    if statement.words.odd or not match or not statement.first:
        return
    in_list = statement.block.start in listed
    if not (in_list or _is_set_off(statement, match, known)) or not _explains(match["rest"]):
        return
    shortest = LISTED_GLOSS if in_list else GLOSS
    end = end_of(statement, match, shortest if statement.language == "zh" else 2 * GLOSS)
    if end:
        topic = with_lead(statement.topic, statement.block)
        yield from which_term(statement, match, statement.text[match.start("rest") : end], topic)


def listed_terms(statements: Sequence[Sentence]) -> frozenset[int]:
    """Where the bullets stand that explain a term each, side by side with others that do."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for statement in statements:
        block = statement.block
        match = COLON.match(statement.text) if statement.first and block.depth else None
        if match and is_term(match["term"].strip(), marked=True) and ends_in_noun(match["term"].strip()):
            groups.setdefault((block.heading, block.parents[:-1], block.depth), []).append(block.start)
    return frozenset(start for group in groups.values() if len(group) >= FEWEST_LISTED for start in group)


def _is_set_off(statement: Sentence, match: re.Match[str], known: Counter[str]) -> bool:
    term = match["term"].strip()
    if is_marked(statement, *match.span("term")):
        return is_term(term, marked=True)
    return is_term(term) and ends_in_noun(term) and known[term] >= WELL_KNOWN and statement.block.depth > 0


def _explains(rest: str) -> bool:
    """What follows the colon says what the term is or does, and is no statement about something else."""
    words = [word for word in words_of(rest) if word.text.strip()]
    if not words or words[0].tag == "eng" or rest[0].isascii():
        return bool(re.match(r"[a-z]", rest)) and rest.isascii()
    if words[0].tag.startswith("v") or words[0].text in ACTIONS:
        return words[0].text not in NO_ACTIONS
    first = re.split(r"[，；。]", rest)[0]
    adverbs = any(word.tag in ("d", "ad", "r") for word in words_of(first))
    return bool(ESSENCE.search(rest) or re.match(r"一[种个类项]", rest)) and ends_in_noun(first) and not adverbs
