"""The one path that every question takes: state, search, prompt, model, check, state. Answers come out as snapshots."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import prompts
from bot.conversation import cite_excerpts, cited, pack, search_for, without_unknown
from bot.messages import Answer, AnswerState, Citation, Language, Question, Receipt, language_of
from bot.model import ChatModel, ModelUnavailable
from bot.state import State, Turn
from knowledge.excerpts import choose_excerpts
from knowledge.notebook import Found, Notebook

log = logging.getLogger(__name__)

TURNS = 6
"""Earlier turns of the place that are looked at."""
NEAREST = 3
"""Headings shown as a courtesy when the notes do not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How answers look."""

    passages: int = 6
    excerpts: int = 5
    characters: int = 400
    length: str = "normal"
    answer_tokens: int = 700


class Assistant:
    """Answers questions from one notebook, with a model or without."""

    def __init__(self, *, notebook: Notebook, state: State, model: ChatModel | None, manner: Manner = Manner()) -> None:
        self._notebook = notebook
        self._state = state
        self._model = model
        self._manner = manner

    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        """Answer `question`; the last snapshot is recorded and carries the answer's id."""
        started = time.perf_counter()
        language = language_of(question.text, question.person.language)
        turns = () if question.alone else await self._state.recent_turns(question.place, TURNS)
        earlier = [words for turn in turns for words in (turn.asked, turn.answered)]
        found = await self._notebook.search(search_for(question.text, earlier))
        yield Answer(state=AnswerState.THINKING)
        answer = _abstained(found, language)
        if not found.abstained:
            async for answer in self._answer(question.text, turns, found, language):
                if not answer.final:
                    yield answer
        receipt = replace(
            answer.receipt,
            searched=found.searched,
            found=len(found.hits),
            search_ms=found.ms,
            total_ms=(time.perf_counter() - started) * 1000,
        )
        yield await self._state.record(question, replace(answer, receipt=receipt))

    async def _answer(self, asked: str, turns: tuple[Turn, ...], found: Found, language: Language) -> AsyncIterator[Answer]:
        if self._model is None:
            yield self._by_excerpts(asked, found, language)
            return
        try:
            async for answer in self._by_model(self._model, asked, turns, found, language):
                yield answer
        except ModelUnavailable as error:
            log.warning("answered by excerpts: %s", error)
            yield self._by_excerpts(asked, found, language, why_no_model=str(error))

    async def _by_model(
        self, model: ChatModel, asked: str, turns: tuple[Turn, ...], found: Found, language: Language
    ) -> AsyncIterator[Answer]:
        prompt = pack(
            asked,
            turns=turns,
            hits=found.hits[: self._manner.passages],
            window=await model.window(),
            answer_tokens=self._manner.answer_tokens,
            language=language,
            length=self._manner.length,
        )
        text = ""
        async for piece in model.stream(prompt.messages):
            text += piece
            yield Answer(state=AnswerState.PARTIAL, text=text)
        if not text.strip():
            raise ModelUnavailable(f"{model.name} said nothing")
        checked = without_unknown(text.strip(), len(prompt.given))
        if prompt.shortened:
            checked += "\n\n" + prompts.load("texts").say("question_shortened", language)
        receipt = Receipt(used=tuple(citation.passage for citation in prompt.given), model=model.name)
        yield Answer(state=AnswerState.MODEL, text=checked, citations=cited(checked, prompt.given), receipt=receipt)

    def _by_excerpts(self, asked: str, found: Found, language: Language, *, why_no_model: str = "") -> Answer:
        chosen = choose_excerpts(asked, found.hits, most=self._manner.excerpts, characters=self._manner.characters)
        citations = cite_excerpts(chosen)
        if not citations:  # nothing but headings
            return _abstained(found, language)
        words = prompts.load("texts")
        lead = words.say("no_model", language, why=why_no_model) if why_no_model else words.say("from_notes", language)
        receipt = Receipt(used=tuple(dict.fromkeys(c.passage for c in citations)), why_no_model=why_no_model)
        parts = [lead, _quote(citations[0])]
        if len(citations) > 1:
            parts += [words.say("around_it", language), *_context(citations)]
        return Answer(state=AnswerState.EXCERPTS, text="\n\n".join(parts), citations=citations, receipt=receipt)


def _quote(citation: Citation) -> str:
    lines = [f"> {line.strip()}" for line in citation.text.splitlines() if line.strip()]
    return "\n".join(lines) + f" [{citation.n}]"


def _context(citations: tuple[Citation, ...]) -> list[str]:
    """All sources but the first, those of another heading than the one before under theirs."""
    blocks: list[str] = []
    above = citations[0].heading
    for citation in citations[1:]:
        if citation.heading != above:
            blocks.append(f"**{' › '.join(citation.heading[-2:]) or citation.title}**")
        blocks.append(_quote(citation))
        above = citation.heading
    return blocks


def _abstained(found: Found, language: Language) -> Answer:
    words = prompts.load("texts")
    headings = dict.fromkeys(" › ".join(hit.passage.heading) or hit.passage.title for hit in found.hits)
    nearest = "\n".join(f"- {heading}" for heading in list(headings)[:NEAREST])
    text = words.say("abstained", language)
    return Answer(state=AnswerState.ABSTAINED, text=f"{text}\n\n{words.say('nearest', language)}\n{nearest}" if nearest else text)
