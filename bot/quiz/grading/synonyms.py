"""Pairs of names that mean the same go in; what somebody said in other names comes out in the names that were wanted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from knowledge.text import fold


class Synonyms:
    """Names in pairs. A pair says nothing about a third name: what notes call by one name somewhere is not always the same."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._others: dict[str, set[str]] = defaultdict(set)
        for one, other in pairs:
            first, second = _folded(one), _folded(other)
            if first and second and first != second:
                self._others[first].add(second)
                self._others[second].add(first)

    def of(self, name: str) -> frozenset[str]:
        """The other names of what is called `name`, in lower case."""
        return frozenset(self._others.get(_folded(name), ()))

    def reworded(self, said: str, wanted: str, *, asked: str = "") -> str:
        """`said` with the names that `wanted` uses in the place of others that mean the same.

        A name that stands in the question that was `asked` is no answer to it, and stays as it is.
        """
        words, right, question = _folded(said), _folded(wanted), _folded(asked)
        wanted_names: dict[str, str] = {}
        for name in self._others:
            if _holds(words, name) and not _holds(right, name) and name not in question:
                others = [other for other in self._others[name] if _holds(right, other)]
                if others:
                    wanted_names[name] = max(others, key=len)
        if not wanted_names:
            return said
        longest_first = sorted(wanted_names, key=len, reverse=True)
        return re.sub("|".join(map(_whole, longest_first)), lambda match: wanted_names[match[0]], words)


NONE = Synonyms()


def _folded(name: str) -> str:
    return fold(name).casefold().strip()


def _holds(text: str, name: str) -> bool:
    return name in text and bool(re.search(_whole(name), text))


def _whole(word: str) -> str:
    """Latin words are matched whole: `rm` is not in `transformer`."""
    before = r"(?<![a-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![a-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return before + re.escape(word) + after
