"""What memory hands to the conversation and to the platforms."""

from __future__ import annotations

from dataclasses import dataclass

from bot.storage.memories import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalledTurn:
    """An earlier turn that bears on the question."""

    answer_id: str
    who: str
    """Name and short id of the person who asked then."""
    asked: str
    answered: str
    """Empty where the answer must not be told here."""
    at: float
    """Seconds since 1970 (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What memory adds to one prompt. All of it may be told where the question was asked."""

    profile: tuple[Item, ...] = ()
    """What is known of the person who asks, the most fitting first."""
    place: str = ""
    """What was talked about here before."""
    turns: tuple[RecalledTurn, ...] = ()
    """Earlier turns that bear on the question, oldest first."""
    text: str = ""
    """All of it as it goes into the prompt, marked as memory, with dates; empty when there is nothing."""
    tokens: int = 0
    """What `text` takes, estimated; never more than the budget."""
    used: tuple[str, ...] = ()
    """For the receipt: `item:3`, `summary:7`, `turn:ANSWER_ID`. Ids only."""

    @property
    def personal(self) -> bool:
        """Whether an answer made with it is for this person and place alone, and must not be given to others from a cache."""
        return bool(self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """All that is stored about a person and may be told where they asked for it."""

    json: str
    markdown: str
    items: int
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How much went."""

    turns: int = 0
    items: int = 0
    quotes: int = 0
    """Questions of others that quoted it."""
    erased: bool = True
    """False while the bytes still stand in the database's log, because another program reads it."""
