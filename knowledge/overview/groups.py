"""The notes of a vault by folder or theme, those worth opening first in front; and which of them somebody means."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from knowledge.overview.outline import UNNAMED, NoteSummary, bare, key_of
from knowledge.text import fillers, fold, terms

LARGE = 16
"""Notes; more of them in one folder are parted by theme."""
THEMED = 0.5
"""The share of these that must carry a tag that others carry as well, for tags to be their themes."""
COMMON = 0.6
"""A tag on more than this share of all notes parts nothing."""

NUMBERED = re.compile(r"\d+")

DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九十", 1)}
ENGLISH = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
WORDS = {word: number for number, word in enumerate(ENGLISH, 1)}
ORDINAL = re.compile(rf"第(?P<zh>[一二三四五六七八九十]|\d+)[篇个份]|\b(?:(?P<en>{'|'.join(ENGLISH)})|note (?P<number>\d+))\b")
LAST = re.compile(r"最后一?[篇个份]|\blast\b")
SAID_AROUND = re.compile(
    r"笔记|文档|文件|[那这一][篇个份]|\b(?:the|note|notes|file|document|called|named|on|about)\b|\.(?:md|markdown|mdx|txt)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteGroup:
    """Notes of one folder or with one tag; `name` is the folder's path, or the tag with `#` before it."""

    name: str
    notes: tuple[NoteSummary, ...]

    @property
    def characters(self) -> int:
        return sum(note.characters for note in self.notes)

    @property
    def key(self) -> str:
        """A short name for it, the same for as long as the folder is called so."""
        return key_of(self.name)

    @property
    def label(self) -> str:
        return bare(PurePosixPath(self.name).name)


Entry = NoteGroup | NoteSummary


def entries_of(notes: Sequence[NoteSummary], folder: str = "") -> tuple[Entry, ...]:
    """What stands in a folder: its notes, and its own folders; or themes, where it is large and has none."""
    groups, alone = _by_folder(notes, folder)
    if not alone and len(groups) == 1:
        return entries_of(groups[0].notes, groups[0].name)
    if not groups and len(alone) > LARGE:
        groups, alone = _by_tag(alone)
    return _ordered([*groups, *alone])


def group_of(notes: Sequence[NoteSummary], key: str, folder: str = "") -> NoteGroup | None:
    """The folder or theme with this `key`, however deep."""
    for entry in entries_of(notes, folder):
        if isinstance(entry, NoteGroup):
            found = entry if entry.key == key else _within(entry, key)
            if found:
                return found
    return None


def entries_in(group: NoteGroup) -> tuple[Entry, ...]:
    """What stands in a folder, or carries a tag."""
    return _ordered(list(group.notes)) if group.name.startswith("#") else entries_of(group.notes, group.name)


def _within(group: NoteGroup, key: str) -> NoteGroup | None:
    return None if group.name.startswith("#") else group_of(group.notes, key, group.name)


def _by_folder(notes: Iterable[NoteSummary], folder: str) -> tuple[list[NoteGroup], list[NoteSummary]]:
    """The folders right in `folder` that hold several notes, and all other notes."""
    inside: defaultdict[str, list[NoteSummary]] = defaultdict(list)
    for note in notes:
        below = PurePosixPath(note.path).relative_to(folder).parts
        inside[below[0] if len(below) > 1 else ""].append(note)
    alone = inside.pop("", [])
    alone += [several[0] for several in inside.values() if len(several) == 1]
    groups = {str(PurePosixPath(folder) / name): tuple(several) for name, several in inside.items() if len(several) > 1}
    return [NoteGroup(name=name, notes=several) for name, several in groups.items()], alone


def _by_tag(notes: Sequence[NoteSummary]) -> tuple[list[NoteGroup], list[NoteSummary]]:
    """Each note under the tag of its own that most others carry; none when tags say too little."""
    counts = Counter(tag for note in notes for tag in set(note.tags))
    parting = {tag: count for tag, count in counts.items() if 1 < count <= COMMON * len(notes)}
    theme = {note.path: _commonest(note, parting) for note in notes}
    inside: defaultdict[str, list[NoteSummary]] = defaultdict(list)
    for note in notes:
        inside[theme[note.path]].append(note)
    alone = inside.pop("", [])
    if len(alone) > (1 - THEMED) * len(notes) or len(inside) < 2:
        return [], list(notes)
    return [NoteGroup(name=f"#{tag}", notes=tuple(several)) for tag, several in inside.items()], alone


def _commonest(note: NoteSummary, counts: Mapping[str, int]) -> str:
    return max((tag for tag in note.tags if tag in counts), key=lambda tag: (counts[tag], tag), default="")


def _ordered(entries: list[Entry]) -> tuple[Entry, ...]:
    """In the order of their numbers where most have one, otherwise the largest first."""
    numbered = sum(bool(NUMBERED.match(_file_of(entry))) for entry in entries)
    if 2 * numbered > len(entries) and not any(isinstance(entry, NoteSummary) and _unnamed(entry) for entry in entries):
        return tuple(sorted(entries, key=lambda entry: _natural(_file_of(entry))))
    return tuple(sorted(entries, key=lambda entry: (-entry.characters, _file_of(entry))))


def _unnamed(note: NoteSummary) -> bool:
    return bool(UNNAMED.fullmatch(PurePosixPath(note.path).stem))


def _file_of(entry: Entry) -> str:
    return PurePosixPath(entry.path if isinstance(entry, NoteSummary) else entry.name).name


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers by their value, before words."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def find_note(named: str, notes: Sequence[NoteSummary]) -> NoteSummary | None:
    """The note that is meant; None when there is none that plainly is."""
    words = fold(named).lower().strip()
    if not words or not notes:
        return None
    return _by_name(words, notes) or _by_number(words, notes)


def in_order(notes: Sequence[NoteSummary]) -> Iterator[NoteSummary]:
    """All notes as an overview lists them."""
    for entry in entries_of(notes):
        yield from _inside(entry) if isinstance(entry, NoteGroup) else (entry,)


def _inside(group: NoteGroup) -> Iterator[NoteSummary]:
    for entry in entries_in(group):
        yield from _inside(entry) if isinstance(entry, NoteGroup) else (entry,)


def _by_number(words: str, notes: Sequence[NoteSummary]) -> NoteSummary | None:
    listed = list(in_order(notes))
    if LAST.search(words):
        return listed[-1]
    found = ORDINAL.search(words)
    if not found:
        return None
    said = found["zh"] or found["en"] or found["number"]
    number = DIGITS.get(said) or WORDS.get(said) or (int(said) if said.isdecimal() else 0)
    return listed[number - 1] if 0 < number <= len(listed) else None


def _by_name(words: str, notes: Sequence[NoteSummary]) -> NoteSummary | None:
    """The same name; else the only one, or the shortest, that holds all that was said."""
    wanted = _core(words)
    if not wanted:
        return None
    same = [note for note in notes if wanted in map(_core, _names(note)) or words == note.path.lower()]
    if same:
        return same[0]
    said = set(terms(SAID_AROUND.sub(" ", words))) - fillers()
    holding = [note for note in notes if said and any(said <= set(terms(name)) for name in _names(note))]
    return min(holding, key=lambda note: len(note.name), default=None)


def _names(note: NoteSummary) -> tuple[str, ...]:
    return (note.title, note.name, PurePosixPath(note.path).stem, *note.aliases)


def _core(name: str) -> str:
    """Letters and digits alone, without what is said around a note's name."""
    return re.sub(r"[\W_]+", "", SAID_AROUND.sub("", fold(name).lower()))
