"""What a model was sent in a chat, so that the next prompt begins with the same bytes and its server reads only what is new.

Servers keep what they have read of the last prompt (llama.cpp's prefix cache). Kept in memory only, for the latest chats.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from bot.types import Answer, AnswerState

CHATS, MESSAGES = 200, 8
"""Kept at most, and of each chat."""


class SentMessages:
    """By chat and model, the last message of each prompt as it was sent, by the id of the answer that it got."""

    def __init__(self) -> None:
        self._sent: OrderedDict[tuple[str, str], dict[str, str]] = OrderedDict()
        self._begun: dict[str, tuple[str, str]] = {}

    def of(self, chat: str, model: str) -> Mapping[str, str]:
        """What was sent, by answer."""
        return self._sent.get((chat, model), {})

    def begin(self, chat: str, model: str, message: str) -> None:
        """Note what is sent now; what becomes of it is known when there is an answer."""
        self._begun[chat] = (model, message)

    def keep(self, chat: str, answer: Answer) -> None:
        """Note what `answer` was an answer to; a quotation too: the model has read for it."""
        model, message = self._begun.pop(chat, ("", ""))
        if answer.state not in (AnswerState.MODEL, AnswerState.EXCERPTS) or not message:
            return
        kept = self._sent.setdefault((chat, model), {})
        kept[answer.id] = message
        while len(kept) > MESSAGES:
            del kept[next(iter(kept))]
        self._sent.move_to_end((chat, model))
        while len(self._sent) > CHATS:
            self._sent.popitem(last=False)

    def clear(self) -> None:
        """Keep nothing of what anybody said."""
        self._sent.clear()
        self._begun.clear()
