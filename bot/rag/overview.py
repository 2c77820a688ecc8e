"""What the notes are about, as a page for a phone: a few numbered lines and a button for each, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import prompts
from bot.types import Button, Language
from knowledge.overview import (
    Entry,
    NoteGroup,
    NoteSummary,
    Section,
    bare,
    entries_in,
    entries_of,
    group_of,
    main_sections,
    paragraphs_of,
    within,
)
from knowledge.types import Note

LISTED = 8
"""Entries of a page; each takes two to four lines on a phone."""
POINTS, NAMES = 4, 4
"""The most headings named under a note, and the most notes under a folder."""
LONGEST, ON_LINE, ON_BUTTON = 48, 28, 22
"""Columns of a name alone in a line, beside others, and on a button; a Chinese character takes two."""
IN_ROW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A page and its buttons."""

    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """An entry as it is listed: what it is called, how much there is of it, and what is in it."""

    name: str
    size: str = ""
    below: str = ""
    icon: str = ""
    opens: str = ""
    """The key of what its button shows."""

    def drawn(self, n: int) -> str:
        first = f"{n}. {self.icon}**{self.name}**" + (f" · {self.size}" if self.size else "")
        return f"{first}\n   {self.below}" if self.below else first


def overview(notes: Sequence[NoteSummary], language: Language, *, key: str = "", page: int = 0) -> Overview | None:
    """The whole vault, or its folder or theme with this key; None when there is none (any more)."""
    group = group_of(notes, key) if key else None
    if key and group is None:
        return None
    entries = entries_in(group) if group else entries_of(notes)
    shown = group.notes if group else notes
    values = {"notes": len(shown), "size": size_of(sum(note.characters for note in shown), language)}
    head = _say("folder", language, title=group.label, **values) if group else _say("vault", language, **values)
    return _paged(head, [_line(entry, language) for entry in entries], language, key=key, page=page, hint=not group)


def fitting(words: str, notes: Sequence[NoteSummary], language: Language) -> Overview:
    """The notes that have to do with some words, the closest first."""
    head = _say("fitting", language, words=words, notes=len(notes))
    return _paged(head, [_line(note, language) for note in notes[:LISTED]], language)


def outline(note: Note, sections: Sequence[Section], language: Language, *, key: str = "", page: int = 0) -> Overview:
    """One note by its main sections and what each of them holds."""
    main = main_sections(sections)
    lines = [_section_line(section, sections, language) for section in main]
    head = _say("note", language, title=short(bare(note.title), LONGEST), size=size_of(len(note.text), language))
    return _paged(head, lines or [_paragraph_line(note, one) for one in paragraphs_of(note)], language, key=key, page=page)


def size_of(characters: int, language: Language) -> str:
    """`320 字`, `2100 字`, `1.2 万字`; `2,100 characters`."""
    rounded = characters if characters < 100 else round(characters, -1 if characters < 1000 else -2)
    if language == "zh" and rounded >= 10_000:
        return _say("ten_thousands", language, count=f"{rounded / 10_000:.1f}".removesuffix(".0"))
    return _say("characters", language, count=f"{rounded:,}" if language == "en" else rounded)


def short(words: str, columns: int) -> str:
    """The beginning of `words` that fits, with a sign that there is more."""
    widths = [1 + (character > "\u2e7f") for character in words]
    if sum(widths) <= columns:
        return words
    kept, used = "", 1
    for character, width in zip(words, widths, strict=True):
        used += width
        if used > columns:
            break
        kept += character
    return kept.rstrip(" ，、：:,") + "…"


def _paged(
    head: str, lines: Sequence[_Line], language: Language, *, key: str = "", page: int = 0, hint: bool = False
) -> Overview:
    pages = max(1, -(-len(lines) // LISTED))
    page = min(page, pages - 1)
    shown = list(enumerate(lines, 1))[page * LISTED : (page + 1) * LISTED]
    left = len(lines) - (page + 1) * LISTED
    parts = [head, "\n".join(line.drawn(n) for n, line in shown)]
    if left > 0:
        parts.append(_say("left", language, count=left))
    elif hint and (names := [line.name for line in lines if line.opens and not line.icon]):
        parts.append(_say("how_on", language, title=names[0]))
    buttons = (*_openers(shown), *_turners(key, page, pages, len(shown), language))
    return Overview(text="\n\n".join(part for part in parts if part), buttons=buttons)


def _line(entry: Entry, language: Language) -> _Line:
    if isinstance(entry, NoteGroup):
        names = [_name(inner) for inner in entries_in(entry)]
        icon = "🏷 " if entry.name.startswith("#") else "📁 "
        count = _say("notes", language, count=len(entry.notes))
        return _Line(name=_name(entry), size=count, below=_joined(names, NAMES, language), icon=icon, opens=entry.key)
    below = _joined(entry.points, POINTS, language) or short(entry.opening, LONGEST)
    below = "" if below == _name(entry) else below
    return _Line(name=_name(entry), size=size_of(entry.characters, language), below=below, opens=entry.key)


def _section_line(section: Section, sections: Sequence[Section], language: Language) -> _Line:
    names = [bare(one.heading[-1]) for one in within(sections, section)]
    return _Line(name=short(bare(section.heading[-1]), LONGEST), below=_joined(names, POINTS, language))


def _paragraph_line(note: Note, paragraph: Section) -> _Line:
    start, end = paragraph.first or (paragraph.start, paragraph.end)
    return _Line(name=short(bare(note.text[start:end]), LONGEST))


def _name(entry: Entry) -> str:
    return short(entry.label if isinstance(entry, NoteGroup) else entry.name, LONGEST)


def _joined(names: Sequence[str], most: int, language: Language) -> str:
    """The first names; how many there are in all, when some are left out."""
    if not names:
        return ""
    between = "、" if language == "zh" else "; "
    shown = between.join(short(name, ON_LINE) for name in names[:most])
    return shown if len(names) <= most else f"{shown} {_say('and_more', language, count=len(names))}"


def _openers(shown: Sequence[tuple[int, _Line]]) -> Iterator[Button]:
    for at, (n, line) in enumerate(shown):
        if line.opens:
            yield Button(label=f"{n}. {short(line.name, ON_BUTTON)}", data=f"o:{line.opens}:0", row=at // IN_ROW)


def _turners(key: str, page: int, pages: int, shown: int, language: Language) -> Iterator[Button]:
    """Back, further, and up to the whole."""
    row = shown  # below all others
    if page:
        yield Button(label=_say("button_back", language), data=f"o:{key}:{page - 1}", row=row)
    if key:
        yield Button(label=_say("button_all", language), data="o::0", row=row)
    if page + 1 < pages:
        yield Button(label=_say("button_more", language), data=f"o:{key}:{page + 1}", row=row)


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("overview").say(name, language, **values)
