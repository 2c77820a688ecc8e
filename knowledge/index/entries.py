"""What is indexed of a passage: its words, its sentences and their term keys."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knowledge import text
from knowledge.catalog import Entry, Indexed
from knowledge.passages import SplitPassage, digest_of, plain, sentences, unread


def entry_of(cut: SplitPassage, said: str = "") -> Entry:
    """What is indexed of a passage: its sentences, the words above them, and what is `said` about it."""
    passage = cut.passage
    above = " › ".join([passage.title, *(words for words in passage.heading if words != passage.title), *passage.parents])
    words = f"{above}\n{cut.words}\n{said}".rstrip("\n") if said else f"{above}\n{cut.words}"
    latin = frozenset(word.lower() for word in text.chunks(words))
    return Entry(passage=passage, words=words, words_digest=digest_of(words), indexed=_indexed(cut, above, said), latin=latin)


def _indexed(cut: SplitPassage, above: str, said: str) -> Indexed:
    keys = text.keys(above)
    before = len(keys)
    table = []
    for start, end, words in sentences_of(cut):
        found = text.keys(words)
        keys += found
        table.append((start, end, len(found)))
    # Once each, and only what the passage itself does not say: its own words must go on telling it from others.
    own = set(keys)
    keys += dict.fromkeys(key for key in text.keys(said) if key not in own)
    return Indexed(keys=np.array(keys, np.int64), above=before, sentences=np.array(table, np.int32).reshape(-1, 3))


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
