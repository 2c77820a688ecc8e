"""An order for a chat model goes in; its words come out, without what it thought before."""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from bot.llm import ChatModel, Chunk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

THOUGHTS = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)


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
