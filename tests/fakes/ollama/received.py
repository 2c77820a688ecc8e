"""A request as the fake saw it, for tests to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.ollama.prompts import Message


@dataclass(slots=True, kw_only=True, eq=False)
class Received:
    """A request as it came in, and what became of it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    """Its JSON without the fields that were `null`; empty when it was refused as JSON."""
    status: int = 0
    """What it was answered; 0 while, and if, it was not."""
    sent: list[str] = field(default_factory=list)
    """The pieces, thoughts included, that went out."""
    dropped: tuple[Message, ...] = ()
    """Messages that did not fit the window and that the model never saw."""
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client leaves before the end."""

    @property
    def messages(self) -> list[dict[str, str]]:
        return list(self.body["messages"])

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.body["options"])

    def note(self, line: Mapping[str, Any]) -> None:
        """Remember that a line of a chat went out."""
        piece = line["message"].get("thinking", "") + line["message"]["content"]
        if piece:
            self.sent.append(piece)
