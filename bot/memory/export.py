"""Export of everything stored about a person, as JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import prompts
from bot.memory.policy import label
from bot.memory.types import Export
from bot.storage.memories import Item, TurnWithText
from bot.types import Language, Person

Shown = tuple[TurnWithText, bool]
"""A turn, and whether its answer may be told too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that is handed over."""

    items: Sequence[Item]
    turns: Sequence[Shown]
    others: Mapping[str, Sequence[Mapping[str, Any]]]
    """Rows of other tables by the name of the table: cards, reviews, thumbs, choices."""


def export_of(person: Person, kept: Kept, *, at: float, language: Language) -> Export:
    """Everything given, as a file for programs and one for people."""
    stored = {
        "person": person.key,
        "exported": _moment(at),
        "items": [_item(item) for item in kept.items],
        "turns": [_turn(turn, whole) for turn, whole in kept.turns],
        "others": kept.others,
    }
    return Export(
        json=json.dumps(stored, ensure_ascii=False, indent=2, default=_plain),
        markdown=_markdown(person, kept, at, language),
        items=len(kept.items),
        turns=len(kept.turns),
    )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _item(item: Item) -> dict[str, object]:
    replaced = _moment(item.replaced_at) if item.replaced_at else None
    where = {"chat": item.said.chat, "private": item.said.private}
    return {
        "id": item.id,
        "kind": item.kind,
        "text": item.text,
        "at": _moment(item.at),
        "times": item.times,
        **where,
        "turns": list(item.turns),
        "replaced": replaced,
    }


def _turn(turn: TurnWithText, whole: bool) -> dict[str, object]:
    told = {"asked": turn.asked, "answered": turn.answered} if whole else {"asked": turn.asked}
    where = {"chat": turn.chat, "place": turn.place, "private": turn.private}
    return {"id": turn.id, "at": _moment(turn.at), **where, **told}


def _markdown(person: Person, kept: Kept, at: float, language: Language) -> str:
    say = prompts.load("memory").say
    parts = [say("export_title", language, who=label(person.name, person.key), date=_moment(at)[:10])]
    parts.append(say("export_items", language))
    lines = (
        say("profile_line", language, date=_moment(item.at)[:10], kind=say(f"kind_{item.kind}", language), text=item.text)
        for item in kept.items
    )
    parts += ["\n".join(lines), say("export_turns", language)]
    parts += [
        say(
            "export_turn",
            language,
            date=_moment(turn.at)[:16].replace("T", " "),
            place=turn.place,
            asked=turn.asked,
            answered=turn.answered if whole else "—",
        )
        for turn, whole in kept.turns
    ]
    if kept.others:
        rows = (f"- {name}: {len(rows)}" for name, rows in sorted(kept.others.items()))
        parts += [say("export_others", language), "\n".join(rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
