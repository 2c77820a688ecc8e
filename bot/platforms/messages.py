"""Messages of one answer: drawn again and again in the same ones, each noted as soon as it is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
S = TypeVar("S", contravariant=True)


class ReplyTarget(Protocol[S]):
    """Takes the messages of one answer; raises `ChatUnreachable` where nothing can be said."""

    async def send(self, drawn: S, nonce: str) -> str:
        """A further message; return its id."""

    async def edit(self, message: str, drawn: S) -> None:
        """Nothing happens when somebody has deleted it."""

    async def delete(self, message: str) -> None: ...


class MessageSeries(Generic[T]):
    """The messages of one answer; `ids` are those that it has from before."""

    def __init__(
        self,
        target: ReplyTarget[T],
        *,
        ids: Sequence[str],
        nonce: Callable[[int], str],
        noted: Callable[[Sequence[str]], Awaitable[None]],
    ) -> None:
        """`noted` is told the ids of all messages so far, as soon as there is a new one."""
        self._target = target
        self._ids = list(ids)
        self._nonce = nonce
        self._noted = noted
        self._shown: list[T | None] = [None] * len(self._ids)

    async def draw(self, messages: Sequence[T], *, final: bool) -> None:
        """Show these messages, and at the end no others."""
        for part, drawn in enumerate(messages):
            if part == len(self._ids):
                self._ids.append(await self._target.send(drawn, self._nonce(part)))
                self._shown.append(drawn)
                await self._noted(self._ids)
            elif self._shown[part] != drawn:
                await self._target.edit(self._ids[part], drawn)
                self._shown[part] = drawn
        if final:
            for surplus in self._ids[len(messages) :]:
                await self._target.delete(surplus)
