"""Search index of turns, best first, of those that may be shown in one place.

A turn counts with its neighbours of the same session, and with its session as a whole: what answers a question is often said
a turn or two beside the words that the question repeats. Measured on LoCoMo (`python -m tests.benchmarks.locomo`).
What is known of the turns stands in arrays, so that a question costs a few passes over them: 2 ms of processor time for 2,500
turns and 13 ms for 20,000, where every third key is one of the question's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.memory.policy import clean_name
from bot.memory.recall.postings import Numbers, Rows, Stretch, TurnPostings, unpack
from bot.storage.memories import WordsOfTurn
from knowledge.search.bm25 import K1, B

Floats = npt.NDArray[np.float64]

IDF_POWER = 1.15
NEIGHBOURS = {1: 0.5, 2: 0.35}
"""What the score of a turn so many places before or after adds."""
SESSION = 1.0
"""What the score of the whole session adds."""
SPEAKER = 0.6
"""Added as a share, when the question names who said it (or says "I", and it was the one who asks)."""
DATE = 0.4
"""Added as a share of the best score, for each named time that the turn was said in."""
GAP_S = 6 * 3600.0
"""Seconds of silence that end a session."""
KEY = 4
"""Bytes of a packed key."""
UNHEARD = 0.5
"""What a term that nobody ever said counts when it is asked how much of a question a turn holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnQuery:
    """What is looked for."""

    weights: dict[int, float]
    """Keys of the question's terms, with what each counts."""
    text: str = ""
    """The question in lower case: names are looked for in it."""
    asker: str = ""
    """Who asks, when the question is about themselves."""
    times: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnMatch:
    """A turn that was found."""

    turn: int
    score: float
    share: float
    """The part of the question's weight that the turn itself holds, from 0 to 1."""


class TurnIndex:
    """The turns of a chat, or of a person."""

    def __init__(self, turns: Sequence[WordsOfTurn] = (), *, answers_of: str = "") -> None:
        """`answers_of` names the chat whose answers count beside the questions; of other chats only what persons said does."""
        self._answers_of = answers_of
        self._postings = TurnPostings()
        self._ids: Numbers = np.empty(0, np.int64)
        self._lengths: Rows = np.empty(0, np.int32)
        self._at: Floats = np.empty(0)
        self._sessions: Rows = np.empty(0, np.int32)
        self._speakers: Rows = np.empty(0, np.int32)
        self._persons: dict[str, int] = {}
        """The number of each person in `_speakers`."""
        self._named: dict[tuple[str, str], int] = {}
        """The same by person and name."""
        self._names: set[tuple[int, str]] = set()
        """The names of each, as they are looked for in questions."""
        self.append(turns)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def last(self) -> int:
        """The highest id that it holds."""
        return int(self._ids.max(initial=0))

    @property
    def keys(self) -> int:
        """How many keys it holds: ten bytes each."""
        return len(self._postings)

    def append(self, turns: Sequence[WordsOfTurn]) -> None:
        """Add turns that are newer than those it holds."""
        if not turns:
            return
        here = self._answers_of
        packed = [turn.asked + turn.answered if turn.said.chat == here else turn.asked for turn in turns]
        lengths = np.array([len(words) // KEY for words in packed], np.int32)
        rows = np.arange(len(self), len(self) + len(turns), dtype=np.int32)
        self._postings.append(unpack(b"".join(packed)), np.repeat(rows, lengths))
        self._lengths = np.concatenate([self._lengths, lengths])
        self._ids = np.concatenate([self._ids, np.array([turn.turn for turn in turns])])
        self._speakers = np.concatenate([self._speakers, self._numbers_of(turns)])
        self._add_times(np.array([turn.at for turn in turns]))

    def search(self, wanted: TurnQuery, limit: int) -> tuple[TurnMatch, ...]:
        """The best turns; those that share no word with the question, nor stand beside one that does, are not among them."""
        if not len(self) or not wanted.weights:
            return ()
        own, share, session = self._by_words(wanted.weights)
        scores = own + self._of_neighbours(own) + SESSION * session
        named = self._said_by(wanted)
        if named is not None:
            scores *= 1 + SPEAKER * named
        scores += DATE * scores.max() * self._said_in(wanted.times)
        found = ((int(at), float(scores[at])) for at in _best(scores, limit) if scores[at] > 0)
        return tuple(TurnMatch(turn=int(self._ids[at]), score=score, share=float(share[at])) for at, score in found)

    def _numbers_of(self, turns: Sequence[WordsOfTurn]) -> Rows:
        """The numbers of the speakers, whose names are noted."""
        who = [(turn.said.person, turn.name) for turn in turns]
        for person, name in set(who) - self._named.keys():
            number = self._named[person, name] = self._persons.setdefault(person, len(self._persons))
            self._names.add((number, clean_name(name).lower()))
        return np.array([self._named[one] for one in who], np.int32)

    def _add_times(self, at: Floats) -> None:
        """A silence ends a session."""
        before = np.append(self._at[-1:] if len(self._at) else at[:1] - 2 * GAP_S, at[:-1])
        begun = int(self._sessions[-1]) if len(self._sessions) else -1
        self._sessions = np.concatenate([self._sessions, (begun + np.cumsum(at - before > GAP_S)).astype(np.int32)])
        self._at = np.concatenate([self._at, at])

    def _by_words(self, weights: dict[int, float]) -> tuple[Floats, Floats, Floats]:
        """For every turn its BM25, the share of the question's weight it holds, and the BM25 of its session."""
        asked = np.array(sorted(weights), np.uint32)
        rows, terms = self._postings.of(asked)
        worth = np.array([weights[int(key)] for key in asked])
        counts = _Counts.of(rows, terms, np.ones(len(rows), np.int64))
        own, held, mass = _bm25(counts, self._lengths, worth)
        counts = _Counts.of(self._sessions[counts.docs], counts.terms, counts.often)
        of_sessions, _, _ = _bm25(counts, np.bincount(self._sessions, self._lengths), worth)
        return own, held / (mass or 1.0), of_sessions[self._sessions]

    def _of_neighbours(self, own: Floats) -> Floats:
        added = np.zeros_like(own)
        for distance, share in NEIGHBOURS.items():
            if distance < len(own):
                same = share * (self._sessions[distance:] == self._sessions[:-distance])
                added[distance:] += same * own[:-distance]
                added[:-distance] += same * own[distance:]
        return added

    def _said_by(self, wanted: TurnQuery) -> npt.NDArray[np.bool_] | None:
        """The turns of those whom the question names; None when it names everybody who spoke, or nobody."""
        named = {number for number, name in self._names if len(name) > 1 and name in wanted.text}
        if wanted.asker in self._persons:
            named.add(self._persons[wanted.asker])
        if not named or len(named) == len(self._persons):
            return None
        return np.isin(self._speakers, list(named))

    def _said_in(self, times: tuple[Stretch, ...]) -> Floats:
        found = np.zeros(len(self))
        for first, last in times:
            found += (self._at >= first) & (self._at < last)
        return found


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often terms stand in documents: one place of the three arrays for each pair, terms rising, then documents."""

    docs: Rows
    terms: Numbers
    often: Numbers

    @classmethod
    def of(cls, docs: Rows, terms: Numbers, often: Numbers) -> _Counts:
        """The counts of pairs that may stand several times, one after the other."""
        if not len(docs):
            return cls(docs, terms, often)
        differs = np.ones(len(docs), bool)
        differs[1:] = (docs[1:] != docs[:-1]) | (terms[1:] != terms[:-1])
        new = np.flatnonzero(differs)
        return cls(docs[new], terms[new], np.add.reduceat(often, new))


def _bm25(counts: _Counts, lengths: npt.NDArray[Any], worth: Floats) -> tuple[Floats, Floats, float]:
    """BM25 of every document, the weight of the terms that it holds, and the weight of all terms.

    A term's `worth` is multiplied by how rare it is.
    """
    count = len(lengths)
    frequency = np.bincount(counts.terms, minlength=len(worth))
    weights = worth * np.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER
    norms = K1 * (1 - B + B * lengths / (lengths.mean() or 1.0))
    of_pairs = weights[counts.terms]
    gains = of_pairs * counts.often * (K1 + 1) / (counts.often + norms[counts.docs])
    mass = float((weights * np.where(frequency, 1.0, UNHEARD)).sum())
    held: Floats = np.bincount(counts.docs, of_pairs, count).astype(float)
    scores: Floats = np.bincount(counts.docs, gains, count).astype(float)
    return scores, held, mass


def _best(scores: Floats, limit: int) -> Numbers:
    """The places of the highest scores, highest first; of equal ones the earlier first."""
    if limit < len(scores):
        some = np.flatnonzero(scores >= np.partition(scores, -limit)[-limit])
    else:
        some = np.arange(len(scores))
    return some[np.argsort(-scores[some], kind="stable")[:limit]]
