"""Messages with a file go in; what the file is, and its content, come out."""

from __future__ import annotations

from telegram import Bot, Document, MaybeInaccessibleMessage, Message
from telegram.error import TelegramError

MOST = 20 * 1024 * 1024
"""Bytes that a bot may fetch (https://core.telegram.org/bots/api#getfile)."""


class NotFetched(Exception):
    """The file is not there any more, or Telegram does not give it."""


def note_of(message: Message | None) -> Document | None:
    """The Markdown file of a message."""
    document = message.document if message else None
    return document if document and (document.file_name or "").lower().endswith(".md") else None


def offered_in(button: MaybeInaccessibleMessage | None) -> Document | None:
    """The file that an offer is about: the offer replies to the message with the file, so that nothing need be remembered."""
    return note_of(button.reply_to_message) if isinstance(button, Message) else None


async def content_of(bot: Bot, document: Document) -> bytes:
    """Fetch a file.

    Raises:
        NotFetched: it cannot be had.
    """
    if (document.file_size or 0) > MOST:
        raise NotFetched("too large")
    try:
        return bytes(await (await bot.get_file(document.file_id)).download_as_bytearray())
    except TelegramError as error:
        raise NotFetched(str(error)) from error
