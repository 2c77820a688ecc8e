"""A question, the turns before it and the passages found go in; messages that fit the window, and what they hold, come out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import prompts
from bot.conversation.citing import citation_of
from bot.messages import Citation, Language
from knowledge.types import Hit

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from bot.state import Turn

MARGIN = 0.9
"""Part of the window that is planned with; the estimate is an estimate."""
TURNS_SHARE = 0.25
"""Of what is left after system prompt, question and answer, at most this goes to earlier turns."""
LEAST_OF_QUESTION = 100
"""Tokens of a question that are kept in any window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the model is told; `given` are the passages by the numbers that it may cite."""

    messages: tuple[BaseMessage, ...]
    given: tuple[Citation, ...]
    tokens: int
    """Estimated."""
    shortened: bool = False
    """True when the middle of the question was left out."""


def estimate_tokens(text: str) -> int:
    """Tokens of `text`: Chinese characters take one each, other text one for every three characters (both rather too much)."""
    chinese = sum(character >= "\u2e80" for character in text)
    return chinese + (len(text) - chinese + 2) // 3 + 4


def pack(
    question: str, *, turns: Sequence[Turn], hits: Sequence[Hit], window: int, answer_tokens: int, language: Language, length: str
) -> Prompt:
    """Build the messages. When not everything fits, the oldest turns go first, then the weakest passages.

    A question that leaves no room even for the best passage loses its middle; beginning and end mostly say what is wanted.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    words = prompts.load("answer")
    system = words.say("system", language, length=words.say(f"length_{length}", language))
    room = int(window * MARGIN) - answer_tokens - estimate_tokens(system)
    best = _excerpt_tokens(hits[0], language) if hits else 0
    kept_question = _fitting_question(question, room - best, language)
    asked = words.say("question", language, question=kept_question)
    room -= estimate_tokens(asked)
    kept_turns = _fitting_turns(turns, min(int(room * TURNS_SHARE), room - best))
    given = _fitting_passages(hits, room - sum(map(_turn_tokens, kept_turns)), language)
    excerpts = "\n\n".join(_excerpt(citation, language) for citation in given)
    messages: list[BaseMessage] = [SystemMessage(system)]
    for turn in kept_turns:
        messages += [kind(said) for kind, said in ((HumanMessage, turn.asked), (AIMessage, turn.answered)) if said]
    messages.append(HumanMessage(words.say("excerpts", language, excerpts=excerpts) + "\n\n" + asked))
    tokens = sum(estimate_tokens(str(message.content)) for message in messages)
    return Prompt(messages=tuple(messages), given=given, tokens=tokens, shortened=kept_question != question)


def _fitting_question(question: str, room: int, language: Language) -> str:
    """The question, or so much of its beginning and end as fits in `room` tokens, with a mark between them."""
    room = max(room, LEAST_OF_QUESTION)
    say = prompts.load("answer").say
    if estimate_tokens(say("question", language, question=question)) <= room:
        return question

    def cut(kept: int) -> str:
        left_out = len(question) - 2 * kept
        return question[:kept] + say("left_out", language, count=left_out) + question[len(question) - kept :]

    def too_long(kept: int) -> bool:
        return estimate_tokens(say("question", language, question=cut(kept))) > room

    longest = bisect_left(range(1, len(question) // 2 + 1), True, key=too_long)
    return cut(max(longest, 1))


def _fitting_turns(turns: Sequence[Turn], room: int) -> list[Turn]:
    kept: list[Turn] = []
    for turn in reversed(turns):
        room -= _turn_tokens(turn)
        if room < 0:
            break
        kept.insert(0, turn)
    return kept


def _turn_tokens(turn: Turn) -> int:
    return estimate_tokens(turn.asked) + estimate_tokens(turn.answered)


def _fitting_passages(hits: Sequence[Hit], room: int, language: Language) -> tuple[Citation, ...]:
    """The best hits that fit, the first one always (a question without any passage could only be answered by invention)."""
    given: list[Citation] = []
    for hit in hits:
        citation = citation_of(len(given) + 1, hit)
        size = _excerpt_tokens(hit, language)
        if size <= room or not given:
            given.append(citation)
            room -= size
    return tuple(given)


def _excerpt_tokens(hit: Hit, language: Language) -> int:
    return estimate_tokens(_excerpt(citation_of(99, hit), language))


def _excerpt(citation: Citation, language: Language) -> str:
    heading = " › ".join(citation.heading)
    return prompts.load("answer").say(
        "excerpt", language, n=citation.n, title=citation.title, heading=heading, text=citation.text
    )
