"""Query of a follow-up question, built with the turns that it leans on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import prompts
from bot.markup import fenced
from bot.types import Language, Quote
from knowledge.notebook import Query
from knowledge.text import Telling, parts_of_question

TURNS = 2
"""Exchanges that a question may lean on."""
LEANING, STANDING = 0.45, 0.1
"""What a term of an earlier turn counts beside one of the question, when the question leans on it and when it stands alone.

Measured on 30 follow-ups and on 155 questions asked after a change of subject: R@5 .97 and .96, against 1.0 and .92 with one
weight of 0.5, and .50 and .97 without the earlier turns.
"""
SHORT = 12
"""Terms; a question with fewer telling ones, and no name among them, leans on what was said."""

POINTS_BACK = re.compile(
    r"它|他们?|她|这|那|其中|该|上面|前面|刚才|后者|前者|第[一二三四五]|最后|中间|另[一外]|呢[？?]?$"
    r"|\b(?:it|its|that|those|they|them|this|one|ones|other|second|third|first|former|latter)\b",
    re.IGNORECASE,
)
NAME = re.compile(r"[A-Za-z]{2,}|\d{3,}")


def with_quote(text: str, quote: Quote | None, language: Language) -> str:
    """A question with the words that it is about, marked off as somebody else's."""
    if quote is None:
        return text
    say = prompts.load("texts").say
    values = {"who": quote.name or say("somebody", language), "text": fenced(quote.text)}
    return say("about_quote", language, question=text, **values) if text else say("about_quote_alone", language, **values)


def search_for(question: str, earlier: Sequence[str], *, count: int = 10) -> Query:
    """The search for `question` after `earlier` turns: what was asked and what was answered, by turns, oldest first."""
    if not leans(question):
        return Query(question=question, history=tuple(earlier[-2 * TURNS :]), history_share=STANDING, count=count)
    return Query(
        question=question,
        standalone=standalone(question, earlier[::2]),
        history=tuple(earlier[-2 * TURNS :]),
        history_share=LEANING,
        count=count,
    )


def standalone(question: str, asked: Sequence[str]) -> str:
    """The question after those it leans on: back to the last one that stands alone, `TURNS` of them at most."""
    before: list[str] = []
    for words in reversed(asked[-TURNS:]):
        before.insert(0, words.strip())
        if not leans(words):
            break
    return " ".join([*before, question])


def leans(question: str) -> bool:
    """True for a fragment: it points back or says little, and names nothing."""
    if POINTS_BACK.search(question) and not _chinese_with_name(question):
        return True
    telling = {part.term for part in parts_of_question(question) if part.telling is Telling.FULLY}
    return len(telling) < SHORT and not _chinese_with_name(question)


def _chinese_with_name(question: str) -> bool:
    """A Latin word or a long number in a Chinese question is a name; in an English question it says nothing."""
    return bool(NAME.search(question)) and any(character >= "\u3400" for character in question)
