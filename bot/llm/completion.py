"""Short completions: a model's whole reply to one request, with limits on its length and time."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from bot.llm import ChatModel, Chunk, ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from langchain_core.messages import BaseMessage


log = logging.getLogger(__name__)
THOUGHTS = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)


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


async def words_of_model(model: ChatModel, system: str, told: str, *, longest: int) -> str:
    """What the model answers, cut off soon after `longest` characters, where it has lost its way.

    Raises:
        ModelUnavailable: it did not answer to the end.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    words = ""
    async with aclosing(cast("AsyncGenerator[Chunk]", model.stream([SystemMessage(system), HumanMessage(told)]))) as stream:
        async for piece in stream:
            words += piece.text
            if len(words) > longest:
                break
    return words


def without_thoughts(reply: str) -> str:
    """The reply of a model that thinks aloud in `<think>` without what stands there."""
    return THOUGHTS.sub("", reply)
