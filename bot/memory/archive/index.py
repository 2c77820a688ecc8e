"""Turns that may be told somewhere go in, then questions; the turns that bear on each question come out, best first.

A turn counts with its neighbours of the same session, and with its session as a whole: what answers a question is often said
a turn or two beside the words that the question repeats. Measured on LoCoMo (`python -m tests.benchmarks.locomo`).
There are no posting lists: the keys of all turns stand in one array that is read in full, 0.1 ms for every 10,000 keys. That
makes adding a turn, or loading a place that nobody asked in for a week, cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.memory.archive.dates import Stretch
from bot.memory.archive.words import Keys, unpack
from bot.memory.names import clean_name
from bot.state.memories import WordsOfTurn
from knowledge.lexical import K1, B

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

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
CHUNKS = 32
"""Pieces that an index may consist of before they are put together."""
PREFILTER = 1 << 16
KEY = 4
"""Bytes of a packed key."""
UNHEARD = 0.5
"""What a term that nobody ever said counts when it is asked how much of a question a turn holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for."""

    weights: dict[int, float]
    """Keys of the question's terms, with what each counts."""
    text: str = ""
    """The question in lower case: names are looked for in it."""
    asker: str = ""
    """Who asks, when the question is about themselves."""
    times: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A turn that was found."""

    turn: int
    score: float
    share: float
    """The part of the question's weight that the turn itself holds, from 0 to 1."""


class TurnIndex:
    """The turns of a chat, or of a person."""

    def __init__(self, turns: Sequence[WordsOfTurn] = (), *, answers_of: str = "") -> None:
        """`answers_of` names the chat whose answers count beside the questions; of other chats only what persons said does."""
        self.last = 0
        """The highest id that it holds."""
        self._answers_of = answers_of
        self._chunks: list[tuple[Keys, Numbers]] = []
        self._ids: list[int] = []
        self._lengths: list[int] = []
        self._at: list[float] = []
        self._sessions: list[int] = []
        self._persons: list[str] = []
        self._names: dict[str, set[str]] = {}
        self.append(turns)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def keys(self) -> int:
        """How many keys it holds: six bytes each."""
        return sum(len(keys) for keys, _ in self._chunks)

    def append(self, turns: Sequence[WordsOfTurn]) -> None:
        """Add turns that are newer than those it holds."""
        if not turns:
            return
        first = len(self._ids)
        packed = [self._take(turn) for turn in turns]
        lengths = [len(words) // KEY for words in packed]
        rows = np.repeat(np.arange(first, first + len(packed)), lengths)
        self._lengths += lengths
        self._chunks.append((unpack(b"".join(packed)), rows))
        if len(self._chunks) > CHUNKS:
            self._chunks = [(np.concatenate([k for k, _ in self._chunks]), np.concatenate([r for _, r in self._chunks]))]

    def search(self, wanted: Wanted, limit: int) -> tuple[Match, ...]:
        """The best turns; those that share no word with the question, nor stand beside one that does, are not among them."""
        if not self._ids or not wanted.weights:
            return ()
        own, share, session = self._by_words(wanted.weights)
        scores = own + self._of_neighbours(own) + SESSION * session
        scores *= 1 + SPEAKER * self._said_by(wanted)
        scores += DATE * scores.max() * self._said_in(wanted.times)
        best = np.argsort(-scores, kind="stable")[:limit]
        found = ((int(at), float(scores[at])) for at in best if scores[at] > 0)
        return tuple(Match(turn=self._ids[at], score=score, share=float(share[at])) for at, score in found)

    def _take(self, turn: WordsOfTurn) -> bytes:
        gap = not self._at or turn.at - self._at[-1] > GAP_S
        self._sessions.append((self._sessions[-1] if self._sessions else -1) + gap)
        self._ids.append(turn.turn)
        self._at.append(turn.at)
        self._persons.append(turn.said.person)
        self.last = max(self.last, turn.turn)
        name = clean_name(turn.name).lower()
        if len(name) > 1:
            self._names.setdefault(turn.said.person, set()).add(name)
        return turn.asked + turn.answered if turn.said.chat == self._answers_of else turn.asked

    def _by_words(self, weights: dict[int, float]) -> tuple[Floats, Floats, Floats]:
        """For every turn its BM25, the share of the question's weight it holds, and the BM25 of its session."""
        asked = np.array(sorted(weights), np.uint32)
        rows, terms = self._occurrences(asked)
        sessions = np.array(self._sessions)
        lengths = np.array(self._lengths, float)
        worth = np.array([weights[int(key)] for key in asked])
        own, held, mass = _bm25(rows, terms, lengths, worth)
        of_sessions, _, _ = _bm25(sessions[rows], terms, np.bincount(sessions, lengths).astype(float), worth)
        return own, held / (mass or 1.0), of_sessions[sessions]

    def _occurrences(self, asked: Keys) -> tuple[Numbers, Numbers]:
        """Where each of the `asked` keys stands: rows, and places in `asked`. A table of 64 KB keeps most keys from a search."""
        maybe = np.zeros(PREFILTER, bool)
        maybe[asked & (PREFILTER - 1)] = True
        rows, terms = [], []
        for keys, of_rows in self._chunks:
            some = np.flatnonzero(maybe[keys & (PREFILTER - 1)])
            places = np.minimum(np.searchsorted(asked, keys[some]), len(asked) - 1)
            hits = asked[places] == keys[some]
            rows.append(of_rows[some[hits]])
            terms.append(places[hits])
        return np.concatenate(rows), np.concatenate(terms)

    def _of_neighbours(self, own: Floats) -> Floats:
        sessions = np.array(self._sessions)
        added = np.zeros_like(own)
        for distance, share in NEIGHBOURS.items():
            if distance < len(own):
                same = share * (sessions[distance:] == sessions[:-distance])
                added[distance:] += same * own[:-distance]
                added[:-distance] += same * own[distance:]
        return added

    def _said_by(self, wanted: Wanted) -> npt.NDArray[np.bool_]:
        """Nobody's turns when the question names everybody who spoke, or nobody."""
        named = {person for person, names in self._names.items() if any(name in wanted.text for name in names)}
        if wanted.asker in self._persons:
            named.add(wanted.asker)
        if len(named) == len(set(self._persons)):
            return np.zeros(len(self._ids), bool)
        return np.array([person in named for person in self._persons])

    def _said_in(self, times: tuple[Stretch, ...]) -> Floats:
        at = np.array(self._at)
        return sum((((at >= first) & (at < last)).astype(float) for first, last in times), np.zeros(len(at)))


def _bm25(rows: Numbers, terms: Numbers, lengths: Floats, worth: Floats) -> tuple[Floats, Floats, float]:
    """BM25 of every document, the weight of the terms that it holds, and the weight of all terms.

    `rows[i]` is the document and `terms[i]` the term of one occurrence; a term's `worth` is multiplied by how rare it is.
    """
    count = len(lengths)
    pairs, often = np.unique(rows * len(worth) + terms, return_counts=True)
    docs, of_terms = pairs // len(worth), pairs % len(worth)
    frequency = np.bincount(of_terms, minlength=len(worth))
    weights = worth * np.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER
    norms = K1 * (1 - B + B * lengths / (lengths.mean() or 1.0))
    gains = weights[of_terms] * often * (K1 + 1) / (often + norms[docs])
    mass = float((weights * np.where(frequency, 1.0, UNHEARD)).sum())
    held: Floats = np.bincount(docs, weights[of_terms], count).astype(float)
    scores: Floats = np.bincount(docs, gains, count).astype(float)
    return scores, held, mass
