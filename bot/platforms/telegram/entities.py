"""Our texts and buttons go in; the library's entities and keyboards come out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from bot.markup import Rich, telegram_messages, telegram_quote, units
from bot.types import Button

LONG = 3000
"""Characters of Markdown that are laid out in a thread of their own."""
LIMIT = 4096
CAPTION_LIMIT = 1024
DATA_LIMIT = 64
"""Bytes of callback data (https://core.telegram.org/bots/api#inlinekeyboardbutton)."""


async def messages_of(markdown: str, *, links: Mapping[int, str] | None = None, limit: int = LIMIT) -> tuple[Rich, ...]:
    """Markdown as messages; nothing for a text that shows nothing."""
    if len(markdown) < LONG:
        return telegram_messages(markdown, limit=limit, links=links)
    return await asyncio.to_thread(telegram_messages, markdown, limit=limit, links=links)


async def messages_with_quote(markdown: str, quote: str) -> tuple[Rich, ...]:
    """Markdown, and below it a text word for word in a quote that folds away: in one message where there is room."""
    above = await messages_of(markdown)
    below = await asyncio.to_thread(telegram_quote, quote) if quote else ()
    if above and below and units(above[-1].text) + 1 + units(below[0].text) <= LIMIT:
        return (*above[:-1], _joined(above[-1], below[0]), *below[1:])
    return (*above, *below)


def _joined(above: Rich, below: Rich) -> Rich:
    by = units(above.text) + 1
    moved = tuple(replace(entity, offset=entity.offset + by) for entity in below.entities)
    return Rich(text=f"{above.text}\n{below.text}", entities=(*above.entities, *moved))


def entities_of(rich: Rich) -> list[MessageEntity]:
    return [
        MessageEntity(type=one.type, offset=one.offset, length=one.length, url=one.url or None, language=one.language or None)
        for one in rich.entities
    ]


def keyboard_of(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """Row by row; None without buttons, which takes away those of a message that is edited."""
    kept = [button for button in buttons if len(button.data.encode()) <= DATA_LIMIT]
    rows = groupby(sorted(kept, key=lambda button: button.row), key=lambda button: button.row)
    keys = [[InlineKeyboardButton(one.label, callback_data=one.data) for one in row] for _, row in rows]
    return InlineKeyboardMarkup(keys) if keys else None
