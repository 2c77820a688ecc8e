"""Interactions: a person's command, click or form, and what becomes of it until its token dies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.clock import Clock
from tests.fakes.discord.values import Channel, Message, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
"""Kinds of interactions."""
REPLIES, THINKS, DEFERS_UPDATE, UPDATES, OFFERS, OPENS_MODAL = 4, 5, 6, 7, 8, 9
"""Kinds of first responses."""
TYPES_FOR = {
    COMMAND: (REPLIES, THINKS, OPENS_MODAL),
    COMPONENT: (REPLIES, THINKS, DEFERS_UPDATE, UPDATES, OPENS_MODAL),
    AUTOCOMPLETE: (OFFERS,),
    MODAL: (REPLIES, THINKS, DEFERS_UPDATE, UPDATES),
}
MOST_FOLLOW_UPS = 5
"""For an app that the person, but not the server, installed."""


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One interaction. A test reads it; `until` waits for something to become true."""

    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    data: dict[str, Any]
    made: float
    clock: Clock
    deadline: float
    life: float
    wait: Callable[[Callable[[], object], float], Any]
    message: Message | None = None
    """The message whose button was pressed."""
    owners: dict[str, str] = field(default_factory=dict)
    focus_kind: int = 0
    """The type of the option that is typed into."""
    acknowledged_at: float | None = None
    response: int = 0
    """The kind of the first response; 0 while there is none."""
    original: Message | None = None
    """The message that the first response made, or that it updates."""
    followups: list[Message] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    modal: dict[str, Any] = field(default_factory=dict)
    expired: bool = False

    @property
    def acknowledged(self) -> bool:
        return self.acknowledged_at is not None

    @property
    def latency(self) -> float:
        """Seconds from the person's action to the first response; raises when there was none."""
        assert self.acknowledged_at is not None, "this interaction was never acknowledged"
        return self.acknowledged_at - self.made

    @property
    def failed(self) -> bool:
        """Whether the person sees "The application did not respond"."""
        return not self.acknowledged and self.clock.now() > self.made + self.deadline

    @property
    def alive(self) -> bool:
        """Whether the token is still good for editing and following up."""
        return not self.expired and self.clock.now() < self.made + self.life

    @property
    def text(self) -> str:
        """What the person reads in the first response."""
        return self.original.text if self.original else ""

    @property
    def answered(self) -> bool:
        """Whether there is something to read, and not only "is thinking…"."""
        return bool(
            self.choices or self.modal or (self.original and not self.original.loading and self.response != DEFERS_UPDATE)
        )

    def expire(self) -> None:
        """Let the token die right now, as after 15 minutes."""
        self.expired = True

    async def until_acknowledged(self, within: float = 5) -> Call:
        await self.wait(lambda: self.acknowledged, within)
        return self

    async def until_answered(self, within: float = 5) -> Call:
        await self.wait(lambda: self.answered, within)
        return self
