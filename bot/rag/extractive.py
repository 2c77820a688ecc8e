"""The answer without a model: what the notes say, quoted under its heading, or word that they do not say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import prompts
from bot.rag.citations import cite_excerpts
from bot.rag.prompt_builder import AnswerStyle
from bot.types import Answer, AnswerState, Citation, Language, Receipt
from knowledge.notebook import SearchResult
from knowledge.passages.reader_form import cells_of, readable
from knowledge.passages.structure import HEADING, UNDERLINE
from knowledge.search.extracts import choose_excerpts, nearest_excerpt
from knowledge.search.quotability import DONE_TASK
from knowledge.search.quote_candidates import Excerpt
from knowledge.text import script_of

FOREIGN = {"from_notes": "from_notes_foreign", "nearest_quote": "nearest_quote_foreign"}
"""What is said before a quote in another language than the question's."""
PREVIEW = 200
"""Characters."""
NEAREST = 3
"""Headings that are named when nothing under them could be quoted."""
ROW = re.compile(r"[ \t]*\|")


def by_excerpts(
    asked: str, found: SearchResult, manner: AnswerStyle, language: Language, *, why_no_model: str = "", lead: str = "from_notes"
) -> Answer:
    """The piece of the notes that answers, and what else adds to it; `why_no_model` tells why nothing better is to be had."""
    if found.near:
        return nearest(asked, found, manner, language)
    chosen = choose_excerpts(asked, found.hits, most=manner.excerpts, characters=manner.characters)
    if not chosen:  # nothing that a reader would take for an answer
        return abstained(found, language)
    words = prompts.load("texts")
    if why_no_model:
        said = words.say("no_model", language, why=why_no_model)
    else:
        said = _lead(lead, chosen[0], language) if lead == "from_notes" else words.say(lead, language)
    return _quoting(said, chosen, AnswerState.EXCERPTS, why_no_model)


def nearest(asked: str, found: SearchResult, manner: AnswerStyle, language: Language) -> Answer:
    """What comes nearest to a question that the notes may not answer: an offer, with one quote."""
    excerpt = nearest_excerpt(asked, found.hits, characters=manner.characters)
    if not excerpt:
        return abstained(found, language)
    return _quoting(_lead("nearest_quote", excerpt, language), (excerpt,), AnswerState.NEAREST)


def first_quote(asked: str, found: SearchResult, language: Language) -> Answer:
    """What is known before a model has read anything: the best piece and where it stands."""
    chosen = [excerpt for excerpt in choose_excerpts(asked, found.hits, most=1, characters=PREVIEW) if any(_shown(excerpt))]
    if not chosen:
        return Answer(state=AnswerState.THINKING)
    citations = cite_excerpts(chosen[:1])
    place = prompts.load("texts").say("reading_on", language, place=citations[0].where)
    text = f"{_quote(citations[0], chosen[0])}\n\n{place}"
    return Answer(state=AnswerState.PARTIAL, text=text, citations=citations)


def abstained(found: SearchResult, language: Language) -> Answer:
    """Word that the notes do not say, and which names they never mention."""
    words = prompts.load("texts")
    parts = [words.say("abstained", language)]
    if found.unknown:
        names = (", " if language == "en" else "、").join(f"**{name}**" for name in found.unknown)
        parts.append(words.say("never_mentioned", language, names=names))
    headings = dict.fromkeys(" › ".join(hit.passage.heading[-2:]) or hit.passage.title for hit in found.hits)
    if headings and not found.abstained:  # something is there, but nothing that could be quoted
        parts.append("\n".join([words.say("nearest", language), *(f"- {heading}" for heading in list(headings)[:NEAREST])]))
    return Answer(state=AnswerState.ABSTAINED, text="\n\n".join(parts))


def _quoting(lead: str, chosen: Sequence[Excerpt], state: AnswerState, why_no_model: str = "") -> Answer:
    chosen = [excerpt for excerpt in chosen if any(_shown(excerpt))]
    citations = cite_excerpts(chosen)
    blocks, above = [lead], ""
    for citation, excerpt in zip(citations, chosen, strict=True):
        heading = citation.where
        if heading != above:
            blocks.append(f"**{heading}**")
        blocks.append(_quote(citation, excerpt))
        above = heading
    receipt = Receipt(used=tuple(dict.fromkeys(c.passage for c in citations)), why_no_model=why_no_model)
    return Answer(state=state, text="\n\n".join(blocks), citations=citations, receipt=receipt)


def _lead(name: str, excerpt: Excerpt, language: Language) -> str:
    """The words before a quote; who asks in one language is told when the note is in another."""
    words = prompts.load("texts")
    script = script_of(readable(excerpt.text))
    if not script or script == language:
        return words.say(name, language)
    return words.say(FOREIGN[name], language, tongue=words.say(f"in_{script}", language))


def _quote(citation: Citation, excerpt: Excerpt) -> str:
    lines = list(_shown(excerpt))
    quoted = "\n".join(f"> {line}" for line in lines)
    closing = "\n\n" if lines and lines[-1].lstrip().startswith(("```", "~~~", "|", "$$")) else " "
    heads = f"*{' | '.join(excerpt.columns)}*\n" if any(excerpt.columns) else ""
    return f"{heads}{quoted}{closing}[{citation.n}]"


def _shown(excerpt: Excerpt) -> Iterator[str]:
    """The lines of a quote, as a reader is shown them."""
    text = "\n".join(line for line in excerpt.text.splitlines() if not (excerpt.open_only and DONE_TASK.match(line)))
    return _lines(text, dict(excerpt.hit.embeds))


def _lines(text: str, embeds: Mapping[str, str]) -> Iterator[str]:
    """The lines of a quote in the reader's form; the heading above it stands elsewhere."""
    lines = text.splitlines()
    rows = [line for line in lines if ROW.match(line)]
    fenced = False
    for at, line in enumerate(lines):
        follows = lines[at + 1] if at + 1 < len(lines) else ""
        fence = line.lstrip().startswith(("```", "~~~"))
        if fenced or fence:
            fenced = fenced != fence
            yield line
        elif (
            not line.strip()
            or HEADING.match(line)
            or UNDERLINE.fullmatch(line)
            or (at == 0 and follows and UNDERLINE.fullmatch(follows))
        ):
            continue
        elif ROW.match(line):
            yield " | ".join(cells_of(line)) if len(rows) == 1 else line.strip()
        else:
            yield from (part for part in readable(line, embeds).split("\n") if part.strip())
