"""What else words may be called: other names that the notes give a thing, and Chinese words for English stems."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from knowledge.text.misspellings import meant


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
