"""What a test looks at afterwards: each request with its answer, and each chat as people see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.params import Upload
from tests.fakes.telegram.places import Message
from tests.fakes.telegram.texts import Formatted


@dataclass(slots=True, kw_only=True, eq=False)
class Received:
    """A request as it came in, and what became of it."""

    method: str
    time: float
    """By the server's clock."""
    params: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    status: int = 0
    """What it was answered; 0 while, and if, it was not."""
    response: Mapping[str, Any] = field(default_factory=dict)
    injected: bool = False
    """Whether a fault of the test's made the answer."""
    violation: bool = False
    """Whether it came before the end of a wait that the server had asked for."""

    @property
    def chat(self) -> int | str | None:
        return self.params.get("chat_id")

    @property
    def description(self) -> str:
        return str(self.response.get("description", ""))

    @property
    def refused(self) -> bool:
        """Whether the bot asked for something that it cannot have."""
        return 400 <= self.status < 500 and not self.injected


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message as people see it."""

    id: int
    by: str
    text: str
    """The text, the caption, or the question of a poll."""
    styles: tuple[tuple[str, str], ...] = ()
    """Kind and words of each entity."""
    buttons: tuple[tuple[str, ...], ...] = ()
    """Texts, row by row."""
    edits: int = 0
    reply_to: int | None = None
    topic: int | None = None
    file: str = ""
    reactions: tuple[str, ...] = ()


def seen(message: Message) -> Seen:
    content = message.poll.question if message.poll is not None else message.content
    rows = (message.buttons or {}).get("inline_keyboard", ())
    return Seen(
        id=message.id,
        by=message.sender.first_name,
        text=content.text,
        styles=_styles(content),
        buttons=tuple(tuple(button["text"] for button in row) for row in rows),
        edits=message.edits,
        reply_to=message.reply_to.id if message.reply_to is not None else None,
        topic=message.topic,
        file=message.media.get("document", {}).get("file_name", ""),
        reactions=tuple(emoji for given in message.reactions.values() for emoji in given),
    )


def _styles(content: Formatted) -> tuple[tuple[str, str], ...]:
    return tuple((entity.type, content.of(entity)) for entity in content.entities)
