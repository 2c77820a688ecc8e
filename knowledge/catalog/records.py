"""What a catalog takes in and gives out, and how it stands in the rows of its tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.types import FrontMatter, Passage

COLUMNS = "row, id, path, title, start, stop, first_line, last_line, heading, parents, text, digest"
"""Of the table of passages, in the order that `passage_of` reads."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indexed:
    """The term keys of a passage: of the words above it, then of its sentences, one after the other, then of words about it."""

    keys: npt.NDArray[np.int64]
    above: int
    """How many keys are of the words above."""
    sentences: npt.NDArray[np.int32]
    """A row for each sentence: start and end in the passage's text, and how many keys it has."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """A passage as it is indexed."""

    passage: Passage
    words: str
    """What is embedded: the words above the passage and its own."""
    words_digest: str
    indexed: Indexed
    latin: frozenset[str]
    """Its Latin words, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRecord:
    """A note as the catalog knows it; `read` is when, in nanoseconds since 1970."""

    digest: str
    size: int
    modified: int
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """What is kept of a note itself."""

    path: str
    known: NoteRecord
    title: str
    front: FrontMatter


def columns_of(entry: Entry) -> tuple[object, ...]:
    """The values of a passage's row, without its number."""
    p = entry.passage
    place = (p.id, p.path, p.title, p.start, p.end, *p.lines, _packed(p.heading), _packed(p.parents), p.text, p.digest)
    indexed = entry.indexed
    return (*place, entry.words, entry.words_digest, indexed.keys.tobytes(), indexed.above, indexed.sentences.tobytes())


def passage_of(row: Sequence[Any]) -> Passage:
    """The passage of a row of `COLUMNS`."""
    _, id_, path, title, start, end, first, last, heading, parents, text, digest = row
    return Passage(
        id=id_,
        path=path,
        title=title,
        start=start,
        end=end,
        lines=(first, last),
        heading=tuple(json.loads(heading)),
        parents=tuple(json.loads(parents)),
        text=text,
        digest=digest,
    )


def indexed_of(keys: bytes, above: int, sentences: bytes) -> Indexed:
    """The same as stored."""
    table = np.frombuffer(sentences, np.int32).reshape(-1, 3)
    return Indexed(keys=np.frombuffer(keys, np.int64), above=above, sentences=table)


def pack_front(front: FrontMatter) -> str:
    return json.dumps(asdict(front), ensure_ascii=False)


def front_of(packed: str) -> FrontMatter:
    values = json.loads(packed)
    return FrontMatter(**{**values, "tags": tuple(values["tags"]), "aliases": tuple(values["aliases"])})


def _packed(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)
