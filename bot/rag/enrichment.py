"""What a model adds to a search: the question in the other language, and for the index, what a passage is about."""

from __future__ import annotations

import re

import prompts
from bot.llm import ChatModel
from bot.llm.completion import briefly
from bot.rag.output_guard import defused
from bot.types import language_of
from knowledge.types import Passage

PATIENCE_S = 120.0
"""Nobody waits for it."""
TRANSLATION_S = 5.0
LONGEST_QUESTION = 300
"""Characters."""
LINES = 4
SHOWN, LONGEST = 1500, 1500
"""Characters of the passage that the model sees, and of its answer."""
MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.、)）:：])\s*")
LEAD = re.compile(r"^(?:问题|译文|翻译|question|translation)\s*[:：]\s*", re.IGNORECASE)
QUOTES = "\"'“”「」『』`* "


async def translated(model: ChatModel, question: str) -> str:
    """The question in the other language; empty when the model does not give it in time."""
    target = "en" if language_of(question) == "zh" else "zh"
    order = prompts.load("search").say("translate", target, question=question)
    said = one_line(await briefly(model, order, seconds=TRANSLATION_S, longest=2 * LONGEST_QUESTION))
    return said if said and len(said) <= LONGEST_QUESTION and language_of(said) == target else ""


def one_line(said: str) -> str:
    """The line that was asked for, without quotation marks or a word of introduction; nothing when there are several."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return LEAD.sub("", lines[0].strip(QUOTES)).strip(QUOTES) if len(lines) == 1 else ""


async def enrichment(model: ChatModel, passage: Passage) -> str:
    """A line of context and three questions, one a line; empty when the model gives none."""
    said = await briefly(model, _order("enrich", passage), seconds=PATIENCE_S, longest=LONGEST)
    lines = [MARK.sub("", line).strip() for line in said.splitlines()]
    return "\n".join([line for line in lines if line][:LINES])


async def drafted_question(model: ChatModel, passage: Passage) -> str:
    """A question that the passage answers; empty when the model gives none."""
    return one_line(await briefly(model, _order("draft", passage), seconds=PATIENCE_S, longest=LONGEST))


def _order(task: str, passage: Passage) -> str:
    words, language = prompts.load("search"), language_of(passage.text)
    heading, text = defused(" › ".join((passage.title, *passage.heading))), defused(passage.text[:SHOWN])
    if task == "draft":
        return words.say("draft", language, heading=heading, text=text)
    return words.say("enrich", language, heading=heading, text=text)
