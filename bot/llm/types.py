"""What a chat model is, whoever serves it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


class ModelUnavailable(Exception):
    """No answer from the model now; the message says why, in one line for the person who asked."""


class NoServer(ModelUnavailable):
    """Nothing answers at the address."""


class TooBusy(ModelUnavailable):
    """So many wait already that one more would wait in vain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What comes next of an answer: words, or word of what keeps it."""

    text: str = ""
    thinking: bool = False
    """The model thinks; what it thinks is nobody's business."""
    waiting: int = 0
    """How many answers come before this one's turn."""
    prompt_tokens: int = 0
    """What the server counted; on the last piece, where it tells."""
    answer_tokens: int = 0
    prompt_s: float = 0.0
    """How long the server read, by its own count; it need not read anew what it has read before."""


class ChatModel(Protocol):
    """Something that writes."""

    name: str

    async def window(self) -> int:
        """How many tokens prompt and answer may have together.

        Raises:
            ModelUnavailable: the model cannot be asked.
        """

    def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        """The answer in pieces, as they come. Closing the iterator ends the request.

        Raises:
            ModelUnavailable: nothing more will come; what came before stands.
        """

    async def warm_up(self) -> None:
        """Have the model loaded, so that the first person who asks does not wait for it.

        Raises:
            ModelUnavailable: it cannot be.
        """

    async def close(self) -> None:
        """Give back connections."""


def without_password(url: str) -> str:
    """`url` as it may be shown to people."""
    return re.sub(r"//[^/]*@", "//", url)
