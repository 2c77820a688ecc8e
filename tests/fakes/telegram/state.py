"""Everything the server knows, shared by what people do (`world`) and what the bot asks (`methods`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.places import IN_IT, Chat, Kind, Message, User
from tests.fakes.telegram.refusals import TOO_OLD, bad
from tests.fakes.telegram.texts import Formatted
from tests.fakes.telegram.updates import Updates

BOT = 7_000_000_001
SUPERGROUP = -1_001_000_000_000
"""Supergroups have ids below this, groups between this and 0."""


@dataclass(slots=True, kw_only=True, eq=False)
class Press:
    """A button that somebody pressed, and what the bot answered."""

    id: str
    user: User
    message: Message
    data: str
    at: float
    answer: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Asked:
    """An inline query, and the results that the bot offered."""

    id: str
    user: User
    words: str
    at: float
    answer: dict[str, Any] | None = None

    @property
    def results(self) -> list[dict[str, Any]]:
        return list((self.answer or {}).get("results", ()))


@dataclass(slots=True, kw_only=True, eq=False)
class Stored:
    """A file on the server."""

    id: str
    name: str
    content: bytes
    mime: str

    def json(self) -> dict[str, Any]:
        unique = f"u{self.id}"
        return {"file_id": self.id, "file_unique_id": unique, "file_size": len(self.content)}


@dataclass(slots=True, kw_only=True)
class State:
    """The server's memory."""

    clock: Clock
    updates: Updates
    bot: User
    privacy: bool = True
    """Privacy mode, set with BotFather: in groups the bot only sees what is meant for it."""
    query_seconds: float = 60.0
    """How long a callback query can be answered. Undocumented; the real server gives between 15 seconds and some minutes."""
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    files: dict[str, Stored] = field(default_factory=dict)
    polls: dict[str, Message] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    inline_messages: dict[str, Message] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    """For whatever needs a number of its own."""
    private_ids: Iterator[int] = field(default_factory=lambda: count(1))
    """Message ids are counted over all private chats and groups together, but in each supergroup anew."""

    @property
    def now(self) -> int:
        return int(self.clock.now())

    def open_chat(self, kind: Kind, **more: Any) -> Chat:
        number = next(self.numbers)
        ids = count(1) if kind == "supergroup" else self.private_ids
        identity = {"supergroup": SUPERGROUP - number, "group": -5000 - number}.get(kind) or more["person"].id
        chat = self.chats[identity] = Chat(id=identity, kind=kind, ids=ids, **more)
        return chat

    def add(self, chat: Chat, sender: User, content: Formatted | None = None, **more: Any) -> Message:
        """A new message in a chat; nobody is told yet."""
        message = Message(id=next(chat.ids), chat=chat, sender=sender, date=self.now, content=content or Formatted(), **more)
        chat.messages[message.id] = message
        return message

    def store(self, name: str, content: bytes, mime: str) -> Stored:
        number = next(self.numbers)
        stored = Stored(id=f"FILE{number:06}{'A' * 20}", name=name, content=content, mime=mime)
        self.files[stored.id] = stored
        return stored

    def user(self, identity: object) -> User:
        user = self.users.get(identity) if isinstance(identity, int) else None
        if user is None:
            raise bad("user not found")
        return user

    def is_in(self, chat: Chat) -> bool:
        """Whether the bot is in a chat."""
        return chat.bot in IN_IT and chat.upgraded_to is None

    def press(self, identity: object) -> Press:
        """A press that waits for its answer."""
        press = self.presses.get(str(identity))
        if press is None or press.answer is not None or self.clock.now() > press.at + self.query_seconds:
            raise bad(TOO_OLD)
        return press

    def inline(self, identity: object) -> Asked:
        asked = self.asked.get(str(identity))
        if asked is None or asked.answer is not None or self.clock.now() > asked.at + self.query_seconds:
            raise bad(TOO_OLD)
        return asked
