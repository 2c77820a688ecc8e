"""Inline mode: `@bot words` in any chat offers the best excerpts as articles."""

from __future__ import annotations

import logging

from telegram import InlineQuery, InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent, LinkPreviewOptions
from telegram.error import TelegramError

import prompts
from bot.commands import CommandRouter, InlineResult
from bot.middleware import Middleware, Role
from bot.platforms.telegram.parser import PLATFORM
from bot.platforms.telegram.sender import entities_of, messages_with_quote
from bot.types import Person, Place

log = logging.getLogger(__name__)
KEPT_S = 30
"""Seconds that Telegram may show the same person the same excerpts again."""


async def offer(query: InlineQuery, person: Person, controls: CommandRouter, guards: Middleware) -> None:
    """People who are let in by themselves are offered excerpts; Telegram does not tell in which chat they write."""
    place = Place(platform=PLATFORM, chat=person.id)
    language = await controls.language(person, place)
    allowed = await guards.door.standing(person, place) in (Role.ADMIN, Role.GUEST)
    found = await controls.inline(query.query, language) if allowed else ()
    articles = [article for n, excerpt in enumerate(found) if (article := await _article(n, excerpt))]
    closed = (
        None
        if allowed
        else InlineQueryResultsButton(prompts.load("telegram").say("inline_stranger", language), start_parameter="hello")
    )
    try:
        await query.get_bot().answer_inline_query(query.id, articles, cache_time=KEPT_S, is_personal=True, button=closed)
    except TelegramError as error:
        log.info("an inline query was not answered: %s", error)


async def _article(n: int, excerpt: InlineResult) -> InlineQueryResultArticle | None:
    parts = await messages_with_quote(excerpt.page.text, excerpt.page.quote)
    if not parts:
        return None
    content = InputTextMessageContent(
        parts[0].text, entities=entities_of(parts[0]), link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    return InlineQueryResultArticle(str(n), excerpt.title, content, description=excerpt.summary)
