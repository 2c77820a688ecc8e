"""What a person calls a topic and the sections that have cards go in; the sections that are meant come out, or near names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import PurePosixPath

from bot.storage.cards import CardSection
from knowledge import text

NEAR = 5
"""Names offered when nothing matches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    """Ids of the sections that a topic means; without any, names that come near it."""

    sections: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def match(words: str, sections: Sequence[CardSection]) -> TopicMatch:
    """The strictest reading that finds something: a name as it is, a part of a name, all words somewhere in the names."""
    wanted = _folded(words)
    named = [(section, [_folded(name) for name in names_of(section)]) for section in sections]
    readings: tuple[Callable[[list[str]], bool], ...] = (
        lambda names: wanted in names,
        lambda names: any(wanted in name for name in names),
        lambda names: _all_words(wanted, " ".join(names)),
    )
    for reading in readings if wanted else ():
        if found := tuple(section.id for section, names in named if reading(names)):
            return TopicMatch(sections=found)
    return TopicMatch(near=near(wanted, sections))


def names_of(section: CardSection) -> tuple[str, ...]:
    """Everything that a section may be called by."""
    path = PurePosixPath(section.path)
    return (section.title, section.path, str(path.with_suffix("")), path.stem, *section.heading, *section.tags)


def near(wanted: str, sections: Sequence[CardSection]) -> tuple[str, ...]:
    """Titles and headings that look or sound like it; the first titles when none does."""
    names = {_folded(name): name for section in sections for name in (section.title, *section.tags, *section.heading)}
    alike = [names[name] for name in get_close_matches(wanted, names, n=NEAR, cutoff=0.5)]
    terms = set(text.terms(wanted))
    sharing = [name for _, name in sorted(_sharing(terms, names.values()), reverse=True)]
    titles = [section.title for section in sections]
    return tuple(dict.fromkeys([*alike, *sharing] or titles))[:NEAR]


def _sharing(terms: set[str], names: Iterable[str]) -> Iterable[tuple[float, str]]:
    for name in names:
        own = set(text.terms(name))
        if terms & own:
            yield len(terms & own) / len(terms | own), name


def _all_words(wanted: str, names: str) -> bool:
    words = wanted.split()
    return len(words) > 1 and all(word in names for word in words)


@lru_cache(maxsize=65_536)
def _folded(words: str) -> str:
    return " ".join(text.fold(words).casefold().removeprefix("#").split())
