"""What somebody asked about: named by their own words, and kept only where an answer from the notes bears it out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.memory.validation import SENTENCE, clean, decide, presentable
from bot.storage.memories import Item, Items, NewItem, TurnWithText
from knowledge.text import subject_of

LONGEST = 60
"""Characters of a topic; what is longer is a story, and the notes' heading says it better."""
ASKS = re.compile(r"[?？]|[吗呢么]\s*$")


def topic_of(turn: TurnWithText) -> str:
    """Empty when the notes did not answer, or somebody says that they did not.

    What a follow-up is about its own words do not say: the heading that its answer cites stands before them.
    """
    if turn.disliked or not turn.topics:
        return ""
    words, heading = own_words(turn.asked), turn.topics[0]
    if not words or len(words) > LONGEST:
        words = heading
    elif turn.leaned:
        words = f"{heading}：{words}"
    return words if presentable(words) else ""


def own_words(asked: str) -> str:
    """What is asked about, without the words that every question is made of: `RAG` of "What is RAG?"."""
    said = [sentence for sentence in SENTENCE.findall(asked) if sentence.strip()]
    asking = [sentence for sentence in said if ASKS.search(sentence)] or said
    return clean(subject_of(asking[-1])) if asking else ""


def items_of(turn: TurnWithText) -> Sequence[NewItem]:
    """What a turn asked about, to be taken in."""
    topic = topic_of(turn)
    return [NewItem(said=turn.said, kind="topic", text=topic, at=turn.at, turns=(turn.id,))] if topic else []


async def rate(turn: TurnWithText, items: Items, known: Sequence[Item], *, most: int) -> None:
    """What a thumb does to what is remembered of a turn's topic: down takes it back, another verdict has it back."""
    if turn.disliked:
        await items.withdraw("topic", turn.id)
    elif not any(turn.id in item.turns for item in known if item.kind == "topic"):
        await items.take_in(items_of(turn), decide, most=most)
