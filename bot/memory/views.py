"""Pages of the memory commands and their buttons; every platform draws them its own way."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace

import prompts
from bot.memory.context import Forgotten, day
from bot.memory.memory import Memory
from bot.memory.policy import short_id
from bot.memory.summarizer import one_line
from bot.storage.memories import Item
from bot.types import Attachment, Button, Language, Page, Person, Place

ON_PAGE = 6
QUOTED = 80
"""Characters of the source that are shown under an item."""
YES = {"yes", "sure", "确定", "是"}
ME = {"me", "myself", "我", "我自己"}
ALL, LAST = {"all", "everything", "全部", "所有", "一切"}, {"last", "上一次", "上一条", "最后一次", "刚才"}
ON, OFF = {"on", "开", "打开", "开启"}, {"off", "关", "关闭", "停"}
CORRECTION = re.compile(r"^#(\d+)[\s:：]+(.+)$", re.DOTALL)
DATA = re.compile(r"^m:(forget|correct|page|last|all|sure|me):(\d+)\.([0-9a-f]{5})(?:\.([0-9a-f]{5}))?$")


def erased_page(language: Language) -> Page:
    """What was still to be erased is."""
    return Page(text=_say("erased", language))


class MemoryPages:
    """`/memory`, `/remember`, `/forget`, `/export`, `/reset`, and the buttons that begin with `m:`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def obey(self, name: str, words: str, person: Person, place: Place, language: Language, *, admin: bool) -> Page:
        """Do what one of the commands says."""
        match name:
            case "remember":
                return await self.remember(person, place, words, language)
            case "forget":
                return await self.forget(person, place, words, language)
            case "export":
                return await self.export(person, place, language)
            case "reset":
                return await self.reset(person, place, language)
            case _:
                return await self.memory(person, place, words, language, admin=admin)

    async def memory(self, person: Person, place: Place, words: str, language: Language, *, admin: bool = False) -> Page:
        """`/memory`, `/memory on`, `/memory off`, and for admins of a group `/memory clear`."""
        word = words.strip().lower()
        if word in ON | OFF:
            return await self._switch(person, place, language, on=word in ON)
        if word in {"clear", "清空"}:
            return await self.clear(person, place, language, admin=admin)
        return await self._listing(person, place, 0, language)

    async def remember(self, person: Person, place: Place, words: str, language: Language) -> Page:
        """`/remember something`, or `/remember #12 something` to correct item 12."""
        if not words.strip():
            return Page(text=_say("needs_something", language))
        correction = CORRECTION.match(words.strip())
        if correction:
            return await self._correct(person, place, int(correction[1]), correction[2], language)
        kept = await self._memory.remember(person, place, words)
        return Page(text=_say("remembered", language, text=one_line(words)) if kept else _say("not_remembered", language))

    async def forget(self, person: Person, place: Place, words: str, language: Language) -> Page:
        """`/forget`, `/forget last`, `/forget all`, `/forget me`, `/forget words`; `yes` after `all` or `me` leaves no doubt."""
        word = words.strip().lower()
        what, _, certainly = word.partition(" ")
        if what in ALL | ME and (not certainly or certainly.strip() in YES):
            return await self._forget_much(person, place, language, whole=what in ME, certainly=bool(certainly))
        if word in LAST:
            return await self._forgotten(await self._memory.forget.last(person, place), place, language)
        if word:
            return await self._forgotten(await self._memory.forget.topic(person, place, words), place, language)
        rows = ((_button("button_last", "last", 0, person, language),), (_button("button_all", "all", 0, person, language),))
        return Page(text=_say("what_to_forget", language), buttons=_in_rows(rows))

    async def export(self, person: Person, place: Place, language: Language) -> Page:
        """A page with everything as JSON, for programs, and as Markdown, for people."""
        export = await self._memory.export(person, place)
        file = Attachment(name="notesbot-memory.zip", content=_zipped({"memory.json": export.json, "memory.md": export.markdown}))
        return Page(text=_say("exported", language, items=export.items, turns=export.turns), file=file)

    async def reset(self, person: Person, place: Place, language: Language) -> Page:
        """Begin anew here."""
        await self._memory.reset(person, place)
        return Page(text=_say("reset_done", language))

    async def clear(self, person: Person, place: Place, language: Language, *, admin: bool) -> Page:
        """Forget what this place talked about; for admins of a group, and for everybody in their private chat."""
        if not (admin or place.private):
            return Page(text=_say("admins_only", language))
        await self._memory.clear_place(person, place)
        return Page(text=_say("cleared", language))

    async def press(self, person: Person, place: Place, data: str, language: Language) -> Page:
        """What a button does. Only the person whose page it stands under may press it."""
        match = DATA.match(data)
        if match is None:
            return Page(text=_say("gone", language))
        if match[3] != short_id(person.key):
            return Page(text=_say("not_yours", language))
        return await self._press(person, place, match[1], int(match[2]), match[4] or "", language)

    async def rated(self, person: Person, place: Place, answer_id: str, *, good: bool | None) -> None:
        """A thumb down says what was hard; another verdict takes that back."""
        if good is False:
            await self._memory.thumbs_down(person, place, answer_id)
        else:
            await self._memory.thumbs_down_taken_back(person, place, answer_id)

    async def _press(self, person: Person, place: Place, verb: str, number: int, mark: str, language: Language) -> Page:
        if verb == "page":
            return await self._listing(person, place, number, language)
        if verb == "last":
            return await self._forgotten(await self._memory.forget.last(person, place), place, language)
        if verb in ("all", "sure", "me"):
            return await self._forget_much(person, place, language, whole=verb == "me", certainly=verb != "all")
        item = await self._memory.own_item(person, place, number)
        if item is None or _mark(item) != mark:
            return Page(text=_say("gone", language))
        if verb == "correct":
            return Page(text=_say("how_to_correct", language, text=item.text, id=item.id))
        return await self._forgotten(await self._memory.forget.item(person, place, number), place, language)

    async def _listing(self, person: Person, place: Place, number: int, language: Language) -> Page:
        found = await self._memory.items(person, place, history=True)
        items = sorted((item for item in found if item.replaced_at is None), key=lambda item: (item.kind == "topic", -item.at))
        off = [_say("page_is_off", language)] if await self._memory.is_off(person, place) else []
        if not items:
            return Page(text="\n\n".join([*off, _say("page_empty", language)]))
        pages = -(-len(items) // ON_PAGE)
        number = min(number, pages - 1)
        shown = items[number * ON_PAGE : (number + 1) * ON_PAGE]
        quotes = await self._memory.quotes(person, place, shown)
        head = _say("page", language, count=len(items), n=number + 1, pages=pages)
        before = {item.about: item.text for item in found if item.replaced_at is not None and item.about}
        lines = [
            _lines(n, item, quotes.get(item.id, ""), before.get(item.about, ""), language) for n, item in enumerate(shown, 1)
        ]
        rows = [
            (
                _button("button_forget", "forget", item.id, person, language, mark=_mark(item), n=n),
                _button("button_correct", "correct", item.id, person, language, mark=_mark(item), n=n),
            )
            for n, item in enumerate(shown, 1)
        ]
        return Page(text="\n\n".join([*off, head, *lines]), buttons=_in_rows([*rows, *_turning(number, pages, person, language)]))

    async def _switch(self, person: Person, place: Place, language: Language, *, on: bool) -> Page:
        await self._memory.switch(person, place, on=on)
        if on and await self._memory.is_off(person, place):
            return Page(text=_say("still_off", language))
        return Page(text=_say("turned_on" if on else "turned_off", language))

    async def _correct(self, person: Person, place: Place, item: int, text: str, language: Language) -> Page:
        if await self._memory.own_item(person, place, item) is None:
            return Page(text=_say("gone", language))
        kept = await self._memory.correct(person, place, item, text)
        return Page(text=_say("remembered", language, text=one_line(text)) if kept else _say("not_remembered", language))

    async def _forget_much(self, person: Person, place: Place, language: Language, *, whole: bool, certainly: bool) -> Page:
        """Everything that was said or, in private, whatever there is about the person; asked about first."""
        if whole and not place.private:
            return Page(text=_say("in_private", language))
        if not certainly:
            return _are_you_sure(person, place, language, whole=whole)
        if whole:
            forgotten = await self._memory.forget.person(person, place)
            return await self._gone(_say("forgotten_person", language, turns=forgotten.turns), forgotten, place, language)
        return await self._forgotten(await self._memory.forget.everything(person, place), place, language)

    async def _forgotten(self, what: Forgotten, place: Place, language: Language) -> Page:
        if not what.turns and not what.items and not what.quotes:
            return Page(text=_say("nothing_to_forget", language))
        return await self._gone(_say("forgotten", language, turns=what.turns, items=what.items), what, place, language)

    async def _gone(self, text: str, what: Forgotten, place: Place, language: Language) -> Page:
        """The page says so when bytes are still to be erased, and another one, in a private chat, when they are."""
        if what.erased:
            return Page(text=text)
        if place.private:
            await self._memory.forget.erasures.announce(place, language)
        return Page(text=f"{text}\n\n{_say('erased_soon', language)}")


def _are_you_sure(person: Person, place: Place, language: Language, *, whole: bool) -> Page:
    if whole:
        text, button = _say("sure_person", language), _button("button_person", "me", 0, person, language)
    else:
        where = _say("where_everywhere" if place.private else "where_here", language)
        text, button = _say("sure", language, where=where), _button("button_all", "sure", 0, person, language)
    return Page(text=text, buttons=(button,))


def _lines(n: int, item: Item, quote: str, before: str, language: Language) -> str:
    kind = _say(f"kind_{item.kind}", language)
    lines = [_say("page_line", language, n=n, text=item.text, kind=kind, date=day(item.at))]
    if quote and one_line(quote) != item.text:
        short = one_line(quote)
        lines.append(_say("page_source", language, quote=short if len(short) <= QUOTED else short[:QUOTED] + "…"))
    elif not item.turns:
        lines.append(_say("page_told", language))
    if before:
        lines.append(_say("page_before", language, text=before))
    return "\n".join(lines)


def _turning(number: int, pages: int, person: Person, language: Language) -> Sequence[tuple[Button, ...]]:
    back = [_button("button_back", "page", number - 1, person, language)] if number else []
    following = [_button("button_next", "page", number + 1, person, language)] if number + 1 < pages else []
    return [(*back, *following)] if back or following else []


def _in_rows(rows: Sequence[tuple[Button, ...]]) -> tuple[Button, ...]:
    return tuple(replace(button, row=at) for at, row in enumerate(rows) for button in row)


def _zipped(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def _button(text: str, verb: str, number: int, person: Person, language: Language, *, mark: str = "", **values: object) -> Button:
    data = f"m:{verb}:{number}.{short_id(person.key)}"
    return Button(label=_say(text, language, **values), data=f"{data}.{mark}" if mark else data)


def _mark(item: Item) -> str:
    """SQLite gives the number of what was deleted to what comes next; a button means what it stood under."""
    return short_id(item.text)


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("memory").say(name, language, **values)
