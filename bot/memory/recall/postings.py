"""Inverted index over turns, with terms packed into 32-bit keys, and the stretches of time that a question names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from knowledge.text import fillers, key_of, terms

Keys = npt.NDArray[np.uint32]

ASKED, ANSWERED = 2000, 250
"""Characters that count: of an answer only the beginning, for it mostly repeats the notes, which have an index of their own."""
FILLER_WEIGHT = 0.1
"""What a question word counts beside a word that tells something (measured on LoCoMo; 0 to 0.2 make little difference)."""


def pack_words(*texts: str) -> bytes:
    """The keys of all terms, repeated as often as they occur."""
    return keys_of("\n".join(texts)[:ASKED]).tobytes()


def pack_answer(text: str) -> bytes:
    """The keys of the terms that an answer begins with, once each."""
    return np.unique(keys_of(text[:ANSWERED])).tobytes()


def unpack(packed: bytes) -> Keys:
    return np.frombuffer(packed, "<u4")


def keys_of(text: str) -> Keys:
    return np.array([short_key(term) for term in terms(text)], "<u4")


def short_key(term: str) -> int:
    """Half of the index's 63-bit key, folded: two of the few thousand terms of a chat meet once in a thousand chats."""
    key = key_of(term) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    return key >> 32


def weights_of(question: str) -> dict[int, float]:
    """The keys of a question's terms with what each counts before rarity."""
    unimportant = fillers()
    return {short_key(term): FILLER_WEIGHT if term in unimportant else 1.0 for term in terms(question)}


Rows = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]

# NumPy sorts 16-bit numbers by counting, without comparing them: ten times as fast.
KEPT_APART = 8
"""What was read in full is put into order when it is more than this part of the whole."""
MARKS = 1 << 16


class TurnPostings:
    """Keys and the rows that they stand in; rows never fall."""

    def __init__(self) -> None:
        self._keys: Keys = np.empty(0, np.uint32)
        self._rows: Rows = np.empty(0, np.int32)
        self._marks = np.empty(0, np.uint16)
        self._new: list[tuple[Keys, Rows]] = []
        self._unordered, self._read = 0, 0
        """Keys of `_new`, and how many of them were read in full."""

    def __len__(self) -> int:
        return len(self._keys) + self._unordered

    def append(self, keys: Keys, rows: Rows) -> None:
        """Add the keys of rows that are higher than those before."""
        self._new.append((keys, rows))
        self._unordered += len(keys)

    def of(self, asked: Keys) -> tuple[Rows, Numbers]:
        """Where each of the `asked` keys stands: rows, and places in `asked`; both rise, the places first."""
        if self._read * KEPT_APART > len(self):
            self._put_in_order()
        found = [self._found(asked), *_read_in_full(self._new, asked)]
        self._read = self._unordered
        rows, places = (np.concatenate([one[at] for one in found]) for at in (0, 1))
        order = np.argsort(places.astype(np.uint16), kind="stable") if self._new else slice(None)
        return rows[order], places[order]

    def _found(self, asked: Keys) -> tuple[Rows, Numbers]:
        marks = asked.astype(np.uint16)
        spans = zip(np.searchsorted(self._marks, marks, "left"), np.searchsorted(self._marks, marks, "right"), strict=True)
        rows = [self._rows[start:stop][self._keys[start:stop] == key] for key, (start, stop) in zip(asked, spans, strict=True)]
        return np.concatenate(rows), np.repeat(np.arange(len(asked)), [len(some) for some in rows])

    def _put_in_order(self) -> None:
        keys, rows = self._joined()
        marks = keys.astype(np.uint16)
        order = np.argsort(marks, kind="stable")
        self._keys, self._rows, self._marks = keys[order], rows[order], marks[order]
        self._new, self._unordered = [], 0

    def _joined(self) -> tuple[Keys, Rows]:
        both = [(self._keys, self._rows), *self._new]
        return np.concatenate([keys for keys, _ in both]), np.concatenate([rows for _, rows in both])


def _read_in_full(new: list[tuple[Keys, Rows]], asked: Keys) -> list[tuple[Rows, Numbers]]:
    """A table of 64 KB keeps most keys from a search."""
    maybe = np.zeros(MARKS, bool)
    maybe[asked.astype(np.uint16)] = True
    found = []
    for keys, rows in new:
        some = np.flatnonzero(maybe[keys.astype(np.uint16)])
        places = np.minimum(np.searchsorted(asked, keys[some]), len(asked) - 1)
        hits = asked[places] == keys[some]
        found.append((rows[some[hits]], places[hits]))
    return found


Stretch = tuple[float, float]

MONTHS = "january february march april may june july august september october november december".split()
MONTH = re.compile(
    r"(?:\b(?P<before>\d{1,2})(?:st|nd|rd|th)?(?: of)? )?\b(?P<month>" + "|".join(MONTHS) + r")\b"
    r"(?: (?P<after>\d{1,2})(?:st|nd|rd|th)?\b)?(?:,? (?P<year>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
CHINESE_DATE = re.compile(r"(?:(?P<year>(?:19|20)\d\d)年)?(?P<month>1[0-2]|0?[1-9])月(?:(?P<day>[12]\d|3[01]|0?[1-9])[日号])?")
ISO_DATE = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>1[0-2]|0[1-9])(?:-(?P<day>[12]\d|3[01]|0[1-9]))?\b")
AGO = (
    (re.compile(r"前天"), 2, 1),
    (re.compile(r"昨[天晚]|\byesterday\b|\blast night\b", re.IGNORECASE), 1, 1),
    (re.compile(r"今[天早]|\btoday\b|\bthis morning\b", re.IGNORECASE), 0, 1),
    (re.compile(r"上(?:周|星期|礼拜)|\blast week\b", re.IGNORECASE), 13, 14),
    (re.compile(r"上个?月|\blast month\b", re.IGNORECASE), 61, 61),
)
"""Words, how many days ago their stretch begins, and how many days it lasts."""
AROUND = timedelta(days=3)
"""A day that is named takes in its neighbours: things are told of on the days after."""
YEARS_BACK = 10
"""A month without a year means that month of any of so many years."""


def stretches(question: str, now: datetime) -> tuple[Stretch, ...]:
    """The times that a question names, the more exact ones doubled by a wider one around them."""
    found: list[Stretch] = []
    for words, ago, days in AGO:
        if words.search(question):
            start = datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=ago)
            found.append((start.timestamp(), (start + timedelta(days=days)).timestamp()))
    for match in MONTH.finditer(question):
        day = match["before"] or match["after"]
        found += _of_month(MONTHS.index(match["month"].lower()) + 1, match["year"], day, now)
    for pattern in (CHINESE_DATE, ISO_DATE):
        for match in pattern.finditer(question):
            found += _of_month(int(match["month"]), match["year"], match["day"], now)
    return tuple(found)


def _of_month(month: int, year: str | None, day: str | None, now: datetime) -> list[Stretch]:
    found: list[Stretch] = []
    for each in [int(year)] if year else range(now.year - YEARS_BACK, now.year + 1):
        first = datetime(each, month, 1, tzinfo=UTC)
        found.append((first.timestamp(), (first + timedelta(days=31)).timestamp()))
        if day and 1 <= int(day) <= 28 + 3 * (month != 2):
            exact = first + timedelta(days=int(day) - 1)
            found.append(((exact - AROUND).timestamp(), (exact + AROUND + timedelta(days=1)).timestamp()))
    return found
