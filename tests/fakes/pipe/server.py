"""A chat of lines: people write lines of JSON, the bot posts, edits and deletes messages. What is not confirmed comes again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

LIMIT = 600
"""Characters of a message."""


@dataclass
class Post:
    id: str
    chat: str
    text: str
    buttons: tuple[tuple[str, str], ...]
    """Labels and data."""


@dataclass
class PipeServer:
    """The lines that wait, and the messages of the bot."""

    posts: dict[str, Post] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    cuts: int = 0
    """Requests that are carried out, and whose answer is lost."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _lines: list[tuple[int, str]] = field(default_factory=list)
    _made: int = 0

    def write(self, line: Any) -> int:
        """A line for the bot; its number is its id."""
        self._made += 1
        text = line if isinstance(line, str) else json.dumps({"id": self._made, **line} if isinstance(line, dict) else line)
        self._lines.append((self._made, text))
        self._stir()
        return self._made

    async def read(self) -> list[tuple[int, str]]:
        while not self._lines:
            await self.wait()
        return list(self._lines)

    def confirm(self, number: int) -> None:
        self._lines = [line for line in self._lines if line[0] > number]
        self._stir()

    @property
    def is_read(self) -> bool:
        return not self._lines

    def post(self, chat: str, text: str, buttons: tuple[tuple[str, str], ...], nonce: str) -> str:
        """A message; with a nonce that was seen it is that message."""
        self.put(Post(id=nonce, chat=chat, text=text, buttons=buttons))
        return nonce

    def put(self, post: Post) -> None:
        if not 0 < len(post.text) <= LIMIT:
            self.refused.append(post.text)
            raise ValueError("the text is too long or empty")
        self.posts[post.id] = post
        self._stir()
        if self.cuts:
            self.cuts -= 1
            raise ConnectionError("the line is dead")

    def delete(self, id_: str) -> None:
        self.posts.pop(id_, None)
        self._stir()

    async def wait(self) -> None:
        await self.changed.wait()

    def _stir(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()
