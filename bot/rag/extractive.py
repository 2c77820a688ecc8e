"""Extractive answer: quotes what was found verbatim, or says that nothing was."""

from __future__ import annotations

import prompts
from bot.rag.citations import cite_excerpts
from bot.rag.prompt_builder import AnswerStyle
from bot.types import Answer, AnswerState, Citation, Language, Receipt
from knowledge.notebook import SearchResult
from knowledge.search.extracts import choose_excerpts

PREVIEW = 200
"""Characters."""
NEAREST = 3
"""Headings shown as a courtesy when the notes do not answer."""


def by_excerpts(
    asked: str, found: SearchResult, manner: AnswerStyle, language: Language, *, why_no_model: str = "", lead: str = "from_notes"
) -> Answer:
    """The best sentences of the best passages, numbered; `why_no_model` tells why nothing better is to be had."""
    chosen = choose_excerpts(asked, found.hits, most=manner.excerpts, characters=manner.characters)
    citations = cite_excerpts(chosen)
    if not citations:  # nothing but headings
        return abstained(found, language)
    words = prompts.load("texts")
    lead = words.say("no_model", language, why=why_no_model) if why_no_model else words.say(lead, language)
    receipt = Receipt(used=tuple(dict.fromkeys(c.passage for c in citations)), why_no_model=why_no_model)
    parts = [lead, _quote(citations[0])]
    if len(citations) > 1:
        parts += [words.say("around_it", language), *_context(citations)]
    return Answer(state=AnswerState.EXCERPTS, text="\n\n".join(parts), citations=citations, receipt=receipt)


def first_quote(asked: str, found: SearchResult, language: Language) -> Answer:
    """What is known before a model has read anything: the best sentence and where it stands."""
    citations = cite_excerpts(choose_excerpts(asked, found.hits, most=1, characters=PREVIEW))
    if not citations:
        return Answer(state=AnswerState.THINKING)
    best = citations[0]
    place = prompts.load("texts").say("reading_on", language, place=" › ".join([best.title, *best.heading[-1:]]))
    return Answer(state=AnswerState.PARTIAL, text=f"{_quote(best)}\n\n{place}", citations=citations)


def abstained(found: SearchResult, language: Language) -> Answer:
    """Word that the notes do not say, which names they never mention, and where something near may stand."""
    words = prompts.load("texts")
    parts = [words.say("abstained", language)]
    if found.unknown:
        names = (", " if language == "en" else "、").join(f"**{name}**" for name in found.unknown)
        parts.append(words.say("never_mentioned", language, names=names))
    headings = dict.fromkeys(" › ".join(hit.passage.heading[-2:]) or hit.passage.title for hit in found.hits)
    if headings:
        nearest = "\n".join(f"- {heading}" for heading in list(headings)[:NEAREST])
        parts.append(f"{words.say('nearest', language)}\n{nearest}")
    return Answer(state=AnswerState.ABSTAINED, text="\n\n".join(parts))


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
