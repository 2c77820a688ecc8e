"""What is stored about a person goes in; JSON and Markdown of it come out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import prompts
from bot.memory.names import label
from bot.memory.values import Export
from bot.messages import Language, Person
from bot.state.memories import Item, SaidTurn

Shown = tuple[SaidTurn, bool]
"""A turn, and whether its answer may be told too."""


def export_of(person: Person, items: Sequence[Item], turns: Sequence[Shown], *, at: float, language: Language) -> Export:
    """Everything given, as a file for programs and one for people."""
    stored = {
        "person": person.key,
        "exported": _moment(at),
        "items": [_item(item) for item in items],
        "turns": [_turn(turn, whole) for turn, whole in turns],
    }
    return Export(
        json=json.dumps(stored, ensure_ascii=False, indent=2),
        markdown=_markdown(person, items, turns, at, language),
        items=len(items),
        turns=len(turns),
    )


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


def _turn(turn: SaidTurn, whole: bool) -> dict[str, object]:
    told = {"asked": turn.asked, "answered": turn.answered} if whole else {"asked": turn.asked}
    where = {"chat": turn.chat, "place": turn.place, "private": turn.private}
    return {"id": turn.id, "at": _moment(turn.at), **where, **told}


def _markdown(person: Person, items: Sequence[Item], turns: Sequence[Shown], at: float, language: Language) -> str:
    say = prompts.load("memory").say
    parts = [say("export_title", language, who=label(person.name, person.key), date=_moment(at)[:10])]
    parts.append(say("export_items", language))
    lines = (
        say("profile_line", language, date=_moment(item.at)[:10], kind=say(f"kind_{item.kind}", language), text=item.text)
        for item in items
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
        for turn, whole in turns
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
