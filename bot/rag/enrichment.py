"""Enrichment: what a passage is about and which questions it answers, in a model's words."""

from __future__ import annotations

import re

import prompts
from bot.llm import ChatModel
from bot.llm.completion import briefly
from bot.rag.output_guard import defused
from bot.rag.query_rewriter import one_line
from bot.types import language_of
from knowledge.types import Passage

PATIENCE_S = 120.0
"""Nobody waits for it."""
LINES = 4
SHOWN, LONGEST = 1500, 1500
"""Characters of the passage that the model sees, and of its answer."""
MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.、)）:：])\s*")


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
