"""A source goes in; it comes out with the words that stand above it, and its own word for word apart from them."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.sources import Shown, show
from bot.commands.types import InlineResult
from bot.commands.views import page_of
from bot.types import Citation, Language, Page
from knowledge.notebook import Notebook

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
