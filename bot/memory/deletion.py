"""Export of all that is stored about a person, and deletion of what they want forgotten, down to the bytes of the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import prompts
from bot.memory.context import Export, Forgotten
from bot.memory.policy import Redactor, allowed, label, may_enter
from bot.settings import MemorySettings
from bot.storage import Database, Erasures, Persons
from bot.storage.memories import Audience, Item, Items, NotedTurns, QuotedWords, TurnDeletion, TurnWithText
from bot.types import Language, Person, Place
from knowledge.text import fillers, terms

AT_ONCE = 500
"""Turns that are deleted for their age in one transaction."""


class MemoryDeletion:
    """Forgets: one thing, the last exchange, a topic, everything, a person. `changed` is called after each."""

    def __init__(self, database: Database, *, changed: Callable[[], None]) -> None:
        self._turns = NotedTurns(database)
        self._items = Items(database)
        self._forgetting = TurnDeletion(database)
        self._persons = Persons(database)
        self.erasures = Erasures(database)
        self._changed = changed

    async def item(self, person: Person, place: Place, number: int) -> Forgotten:
        """Forget an item of one's own; its sentence goes from the turns it came from too, or it would come back."""
        here = Audience.of(person, place)
        found = await self._items.by_id(number)
        if found is None or found.said.person != person.key or not may_enter(found.said, here):
            return Forgotten()
        turns = () if found.kind == "topic" else await self._turns.by_id(found.turns)
        echoes = Redactor([found.text])
        spoken = [turn for turn in turns if echoes.redact(turn.asked, "") != turn.asked]
        whole = [turn for turn in turns if turn not in spoken]
        return await self._forget(whole, [found], echoes, spoken=spoken, quotes=await self._repeating(person, here, echoes))

    async def last(self, person: Person, place: Place) -> Forgotten:
        """Forget the person's last exchange at this place."""
        turn = await self._turns.newest(person.key, place.key)
        if turn is None:
            return Forgotten()
        echoes = Redactor([turn.asked])
        return await self._forget([turn], [], echoes, quotes=await self._repeating(person, Audience.of(person, place), echoes))

    async def topic(self, person: Person, place: Place, words: str) -> Forgotten:
        """Forget every exchange and item of the person's that holds all of these words and may be told here."""
        here = Audience.of(person, place)
        turns = allowed(await self._turns.of_person(person.key), here)
        items = allowed(await self._items.visible(person.key, here.chat, private=here.private, history=True), here)
        quotes = await self._quotes(person, here)
        return await self._forget_turns(
            [turn for turn in turns if holds("\n".join((turn.asked, turn.answered, *turn.topics)), words)],
            [item for item in items if holds(item.text, words)],
            [quote for quote in quotes if holds(quote.text, words)],
        )

    async def everything(self, person: Person, place: Place) -> Forgotten:
        """Forget all that the person said: in a group, there; in private, everywhere."""
        here = Audience.of(person, place)
        turns = await self._turns.of_person(person.key, chat="" if here.private else here.chat)
        items = await self._items.visible(person.key, here.chat, private=here.private, history=True)
        return await self._forget_turns(turns, items, await self._quotes(person, here))

    async def person(self, person: Person, place: Place | None = None) -> Forgotten:
        """Leave no row of a person's, in whatever table, nor of the private chat that they ask in."""
        turns, quotes = await self._turns.of_person(person.key), await self._turns.quoting(person.key)
        forgotten = await self._forget_turns(turns, [], quotes, names={person.name, *(turn.name for turn in turns)})
        chats = {Audience.of(person, place).chat} if place and place.private else set()
        await self._persons.delete(person, chats)
        self._changed()
        return replace(forgotten, erased=await self.erasures.finish())

    async def old(self, settings: MemorySettings, *, now: float) -> None:
        """Forget what is older than the settings keep, and the oldest of what is more than they keep."""
        if settings.keep_days:
            moment = datetime.fromtimestamp(now, UTC) - timedelta(days=settings.keep_days)
            await self._forgetting.forget((), items=await self._forgetting.items_older_than(moment.timestamp()))
            await self._while_any(lambda: self._forgetting.older_than(moment, limit=AT_ONCE))
        await self._while_any(lambda: self._forgetting.surplus(settings.turns, limit=AT_ONCE))
        await self.erasures.finish()

    async def _while_any(self, some: Callable[[], Awaitable[Sequence[int]]]) -> None:
        while ids := await some():
            await self._forgetting.forget(ids)
            self._changed()

    async def _quotes(self, person: Person, here: Audience) -> tuple[QuotedWords, ...]:
        """A person's words in the questions of others: in a group, there; in private, everywhere."""
        return await self._turns.quoting(person.key, chat="" if here.private else here.chat)

    async def _repeating(self, person: Person, here: Audience, echoes: Redactor) -> list[QuotedWords]:
        return [quote for quote in await self._quotes(person, here) if echoes.redact(quote.text, "") != quote.text]

    async def _forget_turns(
        self,
        turns: Sequence[TurnWithText],
        items: Sequence[Item],
        quotes: Sequence[QuotedWords] = (),
        *,
        names: Iterable[str] = (),
    ) -> Forgotten:
        words = [*(turn.asked for turn in turns), *(item.text for item in items), *(quote.text for quote in quotes)]
        echoes = await asyncio.to_thread(Redactor, words, names=names)
        return await self._forget(turns, items, echoes, quotes=quotes)

    async def _forget(
        self,
        turns: Sequence[TurnWithText],
        items: Sequence[Item],
        echoes: Redactor,
        *,
        spoken: Sequence[TurnWithText] = (),
        quotes: Sequence[QuotedWords] = (),
    ) -> Forgotten:
        near = [turn.said for turn in (*turns, *spoken)] + [quote.said for quote in quotes]
        if not near and not items:
            return Forgotten()
        await self._forgetting.forget(
            [turn.id for turn in turns],
            items=[item.id for item in items],
            spoken=[turn.id for turn in spoken],
            quoting=[quote.turn for quote in quotes],
            redact=echoes.redact,
            near=near,
        )
        self._changed()
        return Forgotten(turns=len(turns), items=len(items), quotes=len(quotes), erased=await self.erasures.finish())


def holds(text: str, words: str) -> bool:
    """Whether `text` holds every telling word of `words`."""
    wanted = set(terms(words)) - fillers() or set(terms(words))
    return bool(wanted) and wanted <= set(terms(text))


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
