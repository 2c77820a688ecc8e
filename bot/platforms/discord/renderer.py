"""Answers and pages become messages; one answer is drawn into the same messages again and again until it is final."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import prompts
from bot.commands import MOST_SOURCES
from bot.markup import discord_messages, fenced
from bot.platforms.discord.api import Drawn
from bot.types import Answer, Attachment, Button, Language, Page

MOST_MESSAGES = 6
"""Of one answer; what is longer comes as a file, with its beginning to read."""
LONG = 3000
"""Characters from which Markdown is split outside the event loop."""
FILE = "answer.md"
LIMIT = 2000


async def messages_of(answer: Answer, buttons: Sequence[Button], language: Language) -> tuple[Drawn, ...]:
    """A snapshot's messages, the buttons under the last one; never none."""
    waits = _say("thinking", language)
    messages = await _messages(answer.text, buttons, language, empty=waits, files=(), whole=answer.final)
    sources = sources_of(answer) if answer.final else ""
    last = messages[-1]
    if not sources or len(last.text) + 1 + len(sources) > LIMIT:
        return messages
    return (*messages[:-1], replace(last, text=f"{last.text}\n{sources}"))


def sources_of(answer: Answer) -> str:
    """Where the answer rests, in small print; the buttons below show the words. Left out where there is no room."""
    lines = [f"[{one.n}] {one.where}" for one in answer.citations[:MOST_SOURCES]]
    return "\n".join(f"-# {' '.join(''.join(discord_messages(line)).split())}" for line in lines)


async def messages_of_page(page: Page, language: Language) -> tuple[Drawn, ...]:
    """A page's messages; none for a page that shows nothing."""
    files = [page.file] if page.file else []
    if page.photo:
        files.append(Attachment(name="page.png", content=page.photo))
    if not (page.text or page.quote or files or page.buttons):
        return ()
    return await _messages(_with_quote(page), page.buttons, language, empty="\u200b", files=tuple(files), whole=True)


async def _messages(
    markdown: str, buttons: Sequence[Button], language: Language, *, empty: str, files: tuple[Attachment, ...], whole: bool
) -> tuple[Drawn, ...]:
    texts = await split(markdown) or (empty,)
    if len(texts) > MOST_MESSAGES:
        texts = texts[: MOST_MESSAGES - 1]
        if whole:
            texts = (*texts, _say("in_file", language))
            files = (*files, Attachment(name=FILE, content=markdown.encode()))
    return (*(Drawn(text=text) for text in texts[:-1]), Drawn(text=texts[-1], buttons=tuple(buttons), files=files))


async def split(markdown: str) -> tuple[str, ...]:
    """Discord's messages for a text; long ones are worked on elsewhere, so that nobody waits."""
    if len(markdown) < LONG:
        return discord_messages(markdown)
    return await asyncio.to_thread(discord_messages, markdown)


def _with_quote(page: Page) -> str:
    """The excerpt in a block of code, where Discord changes nothing."""
    if not page.quote:
        return page.text
    return f"{page.text}\n\n{fenced(page.quote)}"


def _say(name: str, language: Language, **values: object) -> str:
    """An entry of `prompts/discord.yaml`."""
    return prompts.load("discord").say(name, language, **values)
