"""What is indexed of a passage: its words, its sentences and their term keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from knowledge import text
from knowledge.catalog import Entry, Indexed
from knowledge.passages import SplitPassage, digest_of, plain, sentences, unread
from knowledge.text.names import names_of
from knowledge.types import Note

OPEN_BOX = re.compile(r"[ \t]*[-*+] \[ \] *")
TAG = re.compile(r"(?<![\w#])#(?!\d+(?!\w))([\w/-]+)")


def entry_of(cut: SplitPassage, said: str = "", note: Note | None = None) -> Entry:
    """What is indexed of a passage: its sentences, the words above them, and what is `said` about it."""
    passage = cut.passage
    names = names_of(note.path, note.title, note.front) if note else (passage.title,)
    above = " › ".join([*names, *(words for words in passage.heading if words != passage.title), *passage.parents])
    words = f"{above}\n{cut.words}\n{said}".rstrip("\n") if said else f"{above}\n{cut.words}"
    latin = frozenset(word.lower() for word in text.chunks(words))
    indexed = _indexed(cut, above, said, note.front.tags if note else ())
    return Entry(passage=passage, words=words, words_digest=digest_of(words), indexed=indexed, latin=latin)


def _indexed(cut: SplitPassage, above: str, said: str, tags: Sequence[str]) -> Indexed:
    keys = text.keys(above) + [text.key_of(text.tag_term(tag)) for tag in tags]
    before = len(keys)
    table = []
    for start, end, words in sentences_of(cut):
        found = text.keys(words) + [text.key_of(mark) for mark in _marks(cut.passage.text, start, end)]
        keys += found
        table.append((start, end, len(found)))
    # Once each, and only what the passage itself does not say: its own words must go on telling it from others.
    own = set(keys)
    keys += dict.fromkeys(key for key in text.keys(said) if key not in own)
    return Indexed(keys=np.array(keys, np.int64), above=before, sentences=np.array(table, np.int32).reshape(-1, 3))


def _marks(markdown: str, start: int, end: int) -> Iterator[str]:
    """The terms of the marks on a sentence: an open task, tags."""
    if OPEN_BOX.fullmatch(markdown, markdown.rfind("\n", 0, start) + 1, start):
        yield text.OPEN_TASK
    if "#" in markdown[start:end]:
        yield from (text.tag_term(tag[1]) for tag in TAG.finditer(markdown, start, end))


def sentences_of(cut: SplitPassage) -> Iterator[tuple[int, int, str]]:
    """Start, end and words of each sentence; a passage cut out of markup is taken as one, for its words lie apart in it."""
    text = cut.passage.text
    if cut.markup:
        yield 0, len(text), cut.words
        return
    hidden = unread(text)
    for start, end in sentences(text):
        if not any(first <= start and end <= last for first, last in hidden):
            yield start, end, plain(text[start:end])
