"""Summaries of turns and of summaries, written by a model and checked, or chosen from the text without one."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import prompts
from bot.llm import ChatModel, ModelUnavailable
from bot.llm.tokens import clip, estimate_tokens
from bot.memory.extraction import about_of
from bot.memory.policy import label
from bot.memory.validation import clean, passes, presentable, supported_sentences, without_thoughts
from bot.storage.memories import NewItem, Summary, TurnWithText
from bot.types import Language, language_of

FRAME_TOKENS = 120
MERGED_TOKENS = 180
PLACE_TOKENS = 240
LONGEST_REPLY = 8000
"""Characters; what a model says beyond them is a loop."""
ITEMS_OF_FRAME = 12
KINDS = frozenset({"fact", "goal", "level", "preference"})
WINDOW_SHARE = 0.5
"""Of the model's window goes to what is summarised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What some turns come to."""

    text: str
    items: tuple[NewItem, ...] = ()


async def summarise_turns(turns: Sequence[TurnWithText], model: ChatModel | None) -> Frame:
    """What was said in some turns of one place.

    Raises:
        ModelUnavailable: the model does not answer now.
    """
    if model is None:
        return Frame(text=_chosen_from(turns))
    language = _language(turns)
    words = prompts.load("memory")
    entry = {"turn": 1, "kind": "fact", "text": "…", "quote": "…"}
    system = words.say("frame_system", language, example=_json({"summary": "…", "items": [entry]}))
    room = int(await model.window() * WINDOW_SHARE) // len(turns)
    shown = "\n".join(_shown(n, turn, room, language) for n, turn in enumerate(turns, 1))
    reply = parse(await _ask(model, system, shown))
    sources = [text for turn in turns for text in (turn.asked, turn.answered, label(turn.name, turn.person))]
    text = supported_sentences(str(reply.get("summary", "")), sources)
    return Frame(text=clip(text, FRAME_TOKENS) or _chosen_from(turns), items=_items(reply.get("items"), turns))


async def merge(parts: Sequence[Summary], model: ChatModel | None, *, tokens: int) -> str:
    """One text of at most `tokens` in the place of several.

    Raises:
        ModelUnavailable: the model does not answer now.
    """
    if len(parts) == 1:
        return clip(parts[0].text, tokens)
    if model is None:
        return _evenly(parts, tokens)
    language = language_of("".join(part.text for part in parts))
    words = prompts.load("memory")
    system = words.say("merge_system", language, sentences=max(2, tokens // 40), example=_json({"summary": "…"}))
    room = int(await model.window() * WINDOW_SHARE) // len(parts)
    shown = "\n".join(
        words.say("merge_part", language, dates=f"{_day(part.first_at)}/{_day(part.last_at)}", text=clip(part.text, room))
        for part in parts
    )
    reply = parse(await _ask(model, system, shown))
    text = supported_sentences(str(reply.get("summary", "")), [part.text for part in parts])
    return clip(text, tokens) or _evenly(parts, tokens)


def parse(reply: str) -> dict[str, Any]:
    """The JSON object in what a model said, whatever stands around it; plain words count as the summary."""
    text = without_thoughts(reply)
    for start in (match.start() for match in re.finditer(r"\{", text)):
        try:
            found, _ = json.JSONDecoder(strict=False).raw_decode(re.sub(r",(\s*[}\]])", r"\1", text[start:]))
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "summary" in found:
            return found
    return {} if "{" in text else {"summary": text}


async def _ask(model: ChatModel, system: str, shown: str) -> str:
    from langchain_core.messages import HumanMessage, SystemMessage

    said = ""
    async for piece in model.stream([SystemMessage(system), HumanMessage(shown)]):
        said += piece.text
        if len(said) > LONGEST_REPLY:
            break
    if not said.strip():
        raise ModelUnavailable(f"{model.name} said nothing")
    return said


def _items(entries: Any, turns: Sequence[TurnWithText]) -> tuple[NewItem, ...]:
    found = [_item(entry, turns) for entry in entries[:ITEMS_OF_FRAME]] if isinstance(entries, list) else []
    return tuple(item for item in found if item)


def _item(entry: Any, turns: Sequence[TurnWithText]) -> NewItem | None:
    """An entry that the words of its turn's speaker bear out."""
    if not isinstance(entry, dict) or not isinstance(entry.get("turn"), int) or not 1 <= entry["turn"] <= len(turns):
        return None
    turn, kind = turns[entry["turn"] - 1], str(entry.get("kind"))
    text, quote = clean(str(entry.get("text", ""))), str(entry.get("quote", ""))
    if kind not in KINDS or not passes(text, quote, turn.asked):
        return None
    return NewItem(said=turn.said, kind=kind, text=text, at=turn.at, about=about_of(quote)[1], turns=(turn.id,))


def _shown(n: int, turn: TurnWithText, room: int, language: Language) -> str:
    asked = clip(one_line(turn.asked), room * 2 // 3)
    answered = "" if turn.disliked else clip(one_line(turn.answered), room // 3)
    who = label(turn.name, turn.person)
    return prompts.load("memory").say("frame_turn", language, n=n, date=_day(turn.at), who=who, asked=asked, answered=answered)


def _chosen_from(turns: Sequence[TurnWithText]) -> str:
    """What was asked, each question cut to its share; orders to the bot are left out."""
    share = FRAME_TOKENS // len(turns) - 2
    language, words = _language(turns), prompts.load("memory")
    lines = []
    for turn in turns:
        asked = clip(one_line(turn.asked), share if turn.private else share - estimate_tokens(label(turn.name, turn.person)))
        if presentable(asked):
            who = label(turn.name, turn.person)
            lines.append(asked if turn.private else words.say("said_by", language, who=who, asked=asked))
    return clip(" · ".join(dict.fromkeys(lines)), FRAME_TOKENS) or "…"


def _evenly(parts: Sequence[Summary], tokens: int) -> str:
    share = max(8, tokens // len(parts) - 2)
    return clip(" · ".join(text for part in parts if (text := clip(part.text, share))), tokens)


def one_line(text: str) -> str:
    return " ".join(text.split())


def _language(turns: Sequence[TurnWithText]) -> Language:
    return language_of(" ".join(turn.asked for turn in turns))


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
