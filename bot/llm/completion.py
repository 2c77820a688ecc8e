"""An order goes in; the few words that a model answers in time come out, or none."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from bot.llm import ChatModel, Chunk, ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from langchain_core.messages import BaseMessage


log = logging.getLogger(__name__)


async def briefly(model: ChatModel, order: str, *, seconds: float, longest: int) -> str:
    """What `model` says to `order`; nothing when it fails, goes on for more than `longest` characters, or takes too long."""
    from langchain_core.messages import HumanMessage

    try:
        async with asyncio.timeout(seconds):
            return await briefly_told(model, [HumanMessage(order)], longest=longest)
    except TimeoutError:
        log.info("%s took longer than %s s for a short order", model.name, seconds)
        return ""
    except ModelUnavailable as error:
        log.info("not helped by the model: %s", error)
        return ""


async def briefly_told(model: ChatModel, messages: Sequence[BaseMessage], *, longest: int) -> str:
    """What `model` says to `messages`; nothing when it goes on for more than `longest` characters.

    Raises:
        ModelUnavailable: it cannot be asked.
    """
    words = ""
    async with aclosing(cast("AsyncGenerator[Chunk]", model.stream(messages))) as pieces:
        async for piece in pieces:
            words += piece.text
            if len(words) > longest:
                return ""
    return words.strip()
