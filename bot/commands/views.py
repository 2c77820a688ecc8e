"""Pages of the commands: status, search, sources, topics; and excerpts to show in other chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import prompts
from bot.commands.registry import InlineResult
from bot.commands.sources import Shown, show
from bot.rag.overview import Overview, outline, overview
from bot.types import Citation, Language, Page, Place, Receipt
from knowledge.notebook import Notebook, Query
from knowledge.overview import NoteSummary, sections_of
from knowledge.types import Hit, Skipped

if TYPE_CHECKING:
    from bot.storage import TurnStore

LISTED = 5
"""Passages shown by `/search`."""
SHOWN_OF_PASSAGE = 240
"""Characters of each passage that `/search` shows."""


class CommandViews:
    """The commands that need no model."""

    def __init__(self, *, notebook: Notebook, state: TurnStore) -> None:
        self._notebook = notebook
        self._state = state

    async def source(self, place: Place, words: str, language: Language, *, answer_id: str = "") -> str:
        """The sources of an answer (of the place's last one that has any), one of them, or the passage with some words."""
        if words and not words.isdecimal():
            return await self._source_by_words(words, language)
        answer_id = answer_id or await self._state.last_answer_with_sources(place)
        sources = await self._state.sources(answer_id)
        if not sources:
            return _say("no_sources", language)
        if not words:
            return "\n".join([f"**{_say('sources', language)}**", *(_line(source, language) for source in sources)])
        chosen = next((source for source in sources if source.n == int(words)), None)
        if chosen is None:
            return _say("no_such_source", language, n=words, count=len(sources))
        return page_of(await show(chosen, self._notebook), language)

    async def receipt(self, place: Place, language: Language, *, answer_id: str = "") -> str:
        """How an answer came about: the place's last one, if none is named."""
        kept = await self._state.receipt(answer_id or await self._state.last_answer(place))
        return page_of_receipt(kept, language) if kept else _say("no_receipt", language)

    async def search(self, words: str, language: Language) -> str:
        """The passages that a question would be answered from."""
        if not words:
            return _say("needs_words", language, example="/search RAG")
        found = await self._notebook.search(Query(question=words, count=LISTED))
        return page_of_hits(found.hits, words, language)

    async def topics(self, language: Language, *, key: str = "", page: int = 0) -> Page:
        """What the notes are about; with a `key`, what is in a folder, a theme or a note. See `bot.rag.overview`."""
        notes = await self._notebook.summaries()
        if not notes:
            return Page(text=_say("no_notes", language, folder=self._notebook.vault.root))
        chosen = next((note for note in notes if note.key == key), notes[0] if len(notes) == 1 else None)
        shown = await self._outline(chosen, language, page) if chosen else overview(notes, language, key=key, page=page)
        if shown is None:
            return Page(notice=prompts.load("overview").say("gone", language))
        return Page(text=shown.text, buttons=shown.buttons)

    async def _outline(self, chosen: NoteSummary, language: Language, page: int) -> Overview | None:
        note = await self._notebook.read(chosen.path)
        return None if isinstance(note, Skipped) else outline(note, sections_of(note), language, key=chosen.key, page=page)

    async def _source_by_words(self, words: str, language: Language) -> str:
        from bot.rag import citation_of

        found = await self._notebook.search(Query(question=words, count=1))
        if not found.hits:
            return _say("nothing_found", language, words=words)
        return page_of(await show(citation_of(1, found.hits[0]), self._notebook), language)


def page_of(shown: Shown, language: Language) -> str:
    """A source word for word, with what stands around it, and what has become of its note."""
    source = shown.citation
    parts = [_line(source, language)]
    if shown.changed:
        parts.append(_say("note_changed", language))
    if shown.gone:
        parts.append(_say("note_gone", language, why=shown.gone))
    if shown.link:
        parts.append(f"[{_say('open_note', language)}](<{shown.link}>)")
    parts += [_context(shown.before), _quote(source.text), _context(shown.after)]
    return "\n\n".join(part for part in parts if part)


def page_of_receipt(receipt: Receipt, language: Language) -> str:
    """How an answer came about, a line for each thing that is known."""
    known = {
        "searched": receipt.searched,
        "passages": _say("receipt_passages", language, used=len(receipt.used), found=receipt.found, left=len(receipt.dropped)),
        "flagged": len(receipt.flagged),
        "memory": len(receipt.memory),
        "turns": receipt.turns,
        "model": receipt.model or receipt.why_no_model,
        "cached": _say("is_so", language) if receipt.cached else "",
        "stopped": receipt.stopped,
        "tokens": _tokens(receipt),
        "times": _say(
            "receipt_times",
            language,
            search=round(receipt.search_ms),
            first=round(receipt.first_word_ms),
            total=round(receipt.total_ms),
        ),
    }
    lines = [f"- {_say(f'receipt_{name}_name', language)}: {value}" for name, value in known.items() if value]
    return "\n".join([f"**{_say('receipt', language)}**", *lines])


def _tokens(receipt: Receipt) -> str:
    parts = [f"{name} {count}" for name, count in receipt.tokens if count]
    if receipt.prompt_tokens:
        parts.append(f"Σ {receipt.prompt_tokens} + {receipt.answer_tokens}")
    return ", ".join(parts)


def page_of_hits(hits: Sequence[Hit], words: str, language: Language) -> str:
    """The beginnings of found passages, numbered."""
    if not hits:
        return _say("nothing_found", language, words=words)
    return "\n\n".join(_listed(n, hit, language) for n, hit in enumerate(hits, 1))


def _line(source: Citation, language: Language) -> str:
    heading = " › ".join(source.heading)
    return " ".join(part for part in (f"[{source.n}]", f"`{source.path}`", heading, f"({lines_of(source, language)})") if part)


def lines_of(source: Citation, language: Language) -> str:
    """Where a source stands in its note, in words."""
    first, last = source.lines
    return _say("line", language, first=first) if first == last else _say("lines", language, first=first, last=last)


def _listed(n: int, hit: Hit, language: Language) -> str:
    from bot.rag import citation_of

    whole = citation_of(n, hit)
    text = whole.text if len(whole.text) <= SHOWN_OF_PASSAGE else whole.text[:SHOWN_OF_PASSAGE].rstrip() + "…"
    return f"{n}. {_line(whole, language).removeprefix(f'[{n}] ')}\n\n{_quote(text)}"


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _context(text: str) -> str:
    return f"… {' '.join(text.split())} …" if text.strip() else ""


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("texts").say(name, language, **values)


SUMMARY = 120
"""Characters of each that are seen before it is chosen."""


async def cited(page: Page, notebook: Notebook, language: Language) -> Page:
    """The page with its source looked up and shown word for word, in a message of its own."""
    source = page.citation
    if source is None:
        return page
    above = _above(replace(await show(source, notebook), after=""), language)  # what follows it would stand before it
    text = f"{page.text}\n\n{above}" if page.text else above
    return replace(page, text=text, quote=source.text, citation=None, new=True)


async def excerpt_of(source: Citation, notebook: Notebook, language: Language) -> InlineResult:
    """The source by itself, without what is around it."""
    shown = replace(await show(source, notebook), before="", after="")
    title = " › ".join(source.heading) or source.title
    page = Page(text=_above(shown, language), quote=source.text)
    return InlineResult(title=title, summary=" ".join(source.text.split())[:SUMMARY], page=page)


def _above(shown: Shown, language: Language) -> str:
    return page_of(replace(shown, citation=replace(shown.citation, text="")), language)
