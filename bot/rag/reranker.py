"""Reranker: a model's order moves the passages a little, and never far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import pstdev

import prompts
from bot.llm import ChatModel
from bot.llm.completion import briefly
from bot.rag.output_guard import defused
from bot.types import language_of
from knowledge.types import Hit

PATIENCE_S = 10.0
MOST = 10
"""Passages that are put in order."""
SHOWN = 300
"""Characters of a passage that the model is shown."""
SHARE = 1.0
"""Standard deviations of the scores that lie between the first and the last place in the model's order.

An order that is nonsense then swaps passages that were about as good as each other; one that stands out stays.
"""
LONGEST_ANSWER = 400


async def reranked(model: ChatModel, question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """`hits`, the best of them in an order that the model has a say in."""
    best = hits[:MOST]
    if len(best) < 2:
        return tuple(hits)
    words, language = prompts.load("search"), language_of(question)
    passages = "\n\n".join(
        words.say("passage", language, n=n, heading=defused(_heading(hit)), text=defused(hit.passage.text[:SHOWN]))
        for n, hit in enumerate(best, 1)
    )
    order = words.say("rerank", language, question=question, passages=passages)
    places = order_in(await briefly(model, order, seconds=PATIENCE_S, longest=LONGEST_ANSWER), len(best))
    return (*moved(best, places), *hits[MOST:])


def order_in(said: str, count: int) -> tuple[int, ...]:
    """The places (from 0) that an answer names, each once; none when it names less than two, or is more words than numbers."""
    numbers = dict.fromkeys(int(number) - 1 for number in re.findall(r"\d{1,3}", said))
    places = tuple(number for number in numbers if 0 <= number < count)
    return places if len(places) > 1 and len(re.findall(r"[^\W\d_]", said)) <= len(said) / 2 else ()


def moved(hits: Sequence[Hit], places: Sequence[int]) -> tuple[Hit, ...]:
    """The hits by their score and their place in the order; those that it does not name come last in it, as they were."""
    if not places:
        return tuple(hits)
    full = [*places, *(at for at in range(len(hits)) if at not in places)]
    step = SHARE * pstdev(hit.score for hit in hits) / (len(hits) - 1)
    scored = [replace(hits[at], score=hits[at].score + step * (len(hits) - 1 - place)) for place, at in enumerate(full)]
    return tuple(sorted(scored, key=lambda hit: -hit.score))


def _heading(hit: Hit) -> str:
    return " › ".join(hit.passage.heading) or hit.passage.title
