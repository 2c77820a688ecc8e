"""A finder and labelled questions go in; outcomes come out, one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from bot.evaluation.dataset import Labelled, Place
from bot.evaluation.metrics import DEPTH, QuestionOutcome, to_outcome
from bot.rag import Finder
from knowledge.notebook import SearchResult
from knowledge.search.extracts import choose_excerpts


async def evaluate(
    finder: Finder, questions: Iterable[Labelled], *, excerpts: int = 5, characters: int = 400
) -> AsyncIterator[QuestionOutcome]:
    """Search for each question as a chat would, and quote as a chat without a model would."""
    for one in questions:
        found = await finder.find(one.question, one.history, count=DEPTH)
        chosen = choose_excerpts(one.question, found.hits, most=excerpts, characters=characters)
        quoted = [(excerpt.hit.passage.path, excerpt.text) for excerpt in chosen]
        yield to_outcome(one, _places(found), quoted=quoted, abstained=found.abstained, ms=found.ms)


def _places(found: SearchResult) -> list[Place]:
    return [(hit.passage.path, hit.passage.text) for hit in found.hits]
