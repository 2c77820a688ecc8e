"""Memory context for the prompt: what is remembered, worded and cut to a token budget. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import prompts
from bot.llm.tokens import Estimate, clip
from bot.storage.memories import Item
from bot.types import Language
from knowledge.text import fillers, terms


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


T = TypeVar("T")

PROFILE, PLACE = 0.35, 0.25
"""Shares of the budget; earlier turns get what the two leave."""
TAG = re.compile(r"<(?=/?\s*(?:记忆|memory))", re.IGNORECASE)
"""What somebody might end the block with."""
ITEMS = 12
"""The most items of a person in one prompt."""
ASKED, ANSWERED = 120, 80
"""Tokens of a recalled turn that are shown."""
KINDS = {"told": 5, "preference": 4, "level": 4, "goal": 3, "fact": 3, "hard": 2, "topic": 0}
"""What comes first when nothing fits the question better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySnapshot:
    """Everything that may be told and might be useful; `turns` are best first."""

    who: str
    items: Sequence[Item] = ()
    place: str = ""
    place_ids: Sequence[int] = ()
    place_at: float = 0.0
    turns: Sequence[RecalledTurn] = ()


def pack_memory(known: MemorySnapshot, question: str, *, budget: int, language: Language, estimate: Estimate) -> Remembered:
    """The most fitting of what is known, in no more than `budget` tokens."""
    say = prompts.load("memory").say
    room = budget - estimate(say("block", language, parts=""))
    parts: list[str] = []
    items = sorted(known.items, key=_fits(question), reverse=True)[:ITEMS]
    head = say("profile", language, who=known.who)
    lines, profile = _fitting(head, items, lambda item: _item_line(item, language), int(room * PROFILE), estimate)
    room -= _spend(parts, lines, estimate)
    place = _place(known, int(budget * PLACE), room, language, estimate)
    room -= _spend(parts, [place] if place else [], estimate)
    lines, turns = _fitting(
        say("recalled", language), known.turns, lambda turn: _turn_line(turn, language, estimate), room, estimate
    )
    in_order = sorted(zip(lines[1:], turns, strict=True), key=lambda pair: pair[1].at)
    _spend(parts, lines[:1] + [line for line, _ in in_order], estimate)
    text = say("block", language, parts=TAG.sub("‹", "\n".join(parts))) if parts else ""
    used = (f"item:{item.id}" for item in profile), (f"turn:{turn.answer_id}" for turn in turns)
    return Remembered(
        profile=tuple(profile),
        place=known.place if place else "",
        turns=tuple(turn for _, turn in in_order),
        text=text,
        tokens=estimate(text) if text else 0,
        used=(*used[0], *(f"summary:{one}" for one in known.place_ids if place), *used[1]),
    )


def _place(known: MemorySnapshot, share: int, room: int, language: Language, estimate: Estimate) -> str:
    if not known.place:
        return ""
    head = prompts.load("memory").say("place", language, date=day(known.place_at))
    text = clip(known.place, min(share, room) - estimate(head), estimate)
    return f"{head}\n{text}" if text else ""


def _fitting(
    head: str, things: Sequence[T], line_of: Callable[[T], str], room: int, estimate: Estimate
) -> tuple[list[str], list[T]]:
    """A heading and the lines of the things that fit; nothing at all when not one of them does."""
    lines, kept = [head], []
    room -= estimate(head)
    for thing in things:
        line = line_of(thing)
        if estimate(line) <= room:
            room -= estimate(line)
            lines.append(line)
            kept.append(thing)
    return (lines, kept) if kept else ([], [])


def _fits(question: str) -> Callable[[Item], tuple[float, float, float]]:
    asked = set(terms(question)) - fillers()

    def worth(item: Item) -> tuple[float, float, float]:
        telling = set(terms(item.text)) - fillers()
        return (len(asked & telling) / (len(telling) or 1), KINDS.get(item.kind, 1) + min(item.times, 5) / 10, item.at)

    return worth


def _item_line(item: Item, language: Language) -> str:
    say = prompts.load("memory").say
    return say("profile_line", language, date=day(item.at), kind=say(f"kind_{item.kind}", language), text=_times(item, language))


def _times(item: Item, language: Language) -> str:
    often = item.kind in {"topic", "hard"} and item.times > 1
    return item.text + (prompts.load("memory").say("times", language, count=item.times) if often else "")


def _turn_line(turn: RecalledTurn, language: Language, estimate: Estimate) -> str:
    say = prompts.load("memory").say
    answered = clip(" ".join(turn.answered.split()), ANSWERED, estimate)
    return say(
        "recalled_line",
        language,
        date=day(turn.at),
        who=turn.who,
        asked=clip(" ".join(turn.asked.split()), ASKED, estimate),
        answered=say("recalled_answer", language, text=answered) if answered else "",
    )


def _spend(parts: list[str], lines: list[str], estimate: Estimate) -> int:
    parts += lines
    return sum(estimate(line) for line in lines)


def day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
