"""Query rewriting by the model, used only when the result can be trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence

import prompts
from bot.llm import ChatModel
from bot.llm.completion import briefly
from bot.types import language_of
from knowledge.text import parts_of_question, telling_terms

PATIENCE_S = 5.0
LONGEST, TIMES = 300, 8
"""Characters of a question that stands alone, and how many times as long as the fragment it may be, `ROOM` aside."""
ROOM = 60
FAMILIAR = 0.6
"""The share of its telling terms that a question's new wording must have from the question or the turns before it."""
NAME = re.compile(r"\w*[A-Z0-9]\w*|[A-Za-z][\w.+#-]*", re.ASCII)
LEAD = re.compile(
    r"^(?:(?:改写后的|完整的?|独立)?问题|译文|翻译|(?:rewritten |standalone )?question|translation)\s*[:：]\s*", re.IGNORECASE
)
QUOTES = "\"'“”「」『』`* "


async def rewritten(model: ChatModel, question: str, earlier: Sequence[str]) -> str:
    """The question as it stands alone, in the model's words; empty when there is none that `is_faithful`."""
    language = language_of(question)
    words = prompts.load("search")
    turns = "\n".join(f"- {' '.join(turn.split())[:LONGEST]}" for turn in earlier)
    order = words.say("rewrite", language, turns=turns, question=question)
    said = one_line(await briefly(model, order, seconds=PATIENCE_S, longest=2 * LONGEST))
    return said if said and is_faithful(said, question, earlier) else ""


async def translated(model: ChatModel, question: str) -> str:
    """The question in the other language; empty when the model does not give it."""
    target = "en" if language_of(question) == "zh" else "zh"
    order = prompts.load("search").say("translate", target, question=question)
    said = one_line(await briefly(model, order, seconds=PATIENCE_S, longest=2 * LONGEST))
    return said if said and len(said) <= LONGEST and language_of(said) == target else ""


def one_line(said: str) -> str:
    """The line that was asked for, without quotation marks or a word of introduction; nothing when there are several."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return LEAD.sub("", lines[0].strip(QUOTES)).strip(QUOTES) if len(lines) == 1 else ""


def is_faithful(written: str, question: str, earlier: Sequence[str]) -> bool:
    """True for a wording of about the right length with no name of its own, and most of it known from what was said."""
    known = " ".join([question, *earlier])
    if len(written) > min(LONGEST, TIMES * len(question) + ROOM) or not _names(written) <= _words(known):
        return False
    telling = telling_terms(written)
    familiar = {part.term for part in parts_of_question(known)}
    return bool(telling) and len(telling & familiar) >= FAMILIAR * len(telling)


def _names(text: str) -> set[str]:
    """Numbers, what has capitals inside a sentence, and in a Chinese sentence everything Latin."""
    found = NAME.findall(text)
    if language_of(text) == "zh":
        return {word.lower() for word in found}
    inside = found[1:] if text[:1].isascii() else found
    return {word.lower() for word in inside if word != word.lower() or any(c.isdigit() for c in word)}


def _words(text: str) -> set[str]:
    return {word.lower() for word in NAME.findall(text)}
