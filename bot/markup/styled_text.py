"""What stands between Markdown and a chat: lines of runs, which know their place in lists, quotes and code, but no platform."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby


class TextStyle:
    """How the words of a run look: bits of an int (an IntFlag is ten times slower, and every run is asked)."""

    NONE = 0
    BOLD = 1
    ITALIC = 2
    UNDERLINE = 4
    STRIKE = 8
    CODE = 16


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Words that look alike; `url` is where they lead, if anywhere."""

    text: str
    marks: int = TextStyle.NONE
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fence:
    """A block of monospaced lines; two blocks are never equal. `header` is repeated where a part begins inside the block."""

    language: str = ""
    header: tuple[str, ...] = ()


class Rank:
    """How good a place the beginning of a line is for ending a part before it."""

    INSIDE = 0
    LINE = 1
    ITEM = 2
    BLOCK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StyledLine:
    """One line of a message before it has the platform's markup."""

    runs: tuple[TextSpan, ...] = ()
    marker: str = ""
    """`-`, or the number with its dot, on the first line of a list item."""
    depth: int = 0
    """How many lists it stands in."""
    quote: int = 0
    """The number of the block quote it stands in; 0 outside."""
    heading: int = 0
    fence: Fence | None = None
    gap: bool = False
    """An empty line goes before it."""
    rank: int = Rank.LINE

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


BLANK = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]")
"""Characters that are letters or symbols by their category and yet leave no mark (Telegram calls a text of them empty)."""
DROPPED = re.compile("[\u2028-\u202e\u0333\u033f\r]")
"""What Telegram removes from every text (td/telegram/misc.cpp, `clean_input_string`); U+030A too, where it stands alone."""
UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\u0333\u033f\u030a\ud800-\udfff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SURROGATE = re.compile("[\ud800-\udfff]")
RING = re.compile("(.?)\u030a")


def is_visible(text: str) -> bool:
    """True if the text would leave any mark on a screen."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in BLANK.sub("", text)) or _has_unknown(text)


def _has_unknown(text: str) -> bool:
    """Symbols that are newer than Python's tables, private ones excepted."""
    return any(unicodedata.category(character) == "Cn" and ord(character) >= 0x1F000 for character in text[:200])


def clean(text: str) -> str:
    """The text without what chats remove anyway, so that offsets which are counted here hold there."""
    if not UNCLEAN.search(text):
        return text
    text = CONTROL.sub(" ", DROPPED.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")))
    text = SURROGATE.sub("\ufffd", text)
    return (
        RING.sub(lambda found: unicodedata.normalize("NFC", found[0]).replace("\u030a", ""), text) if "\u030a" in text else text
    )


def merged(runs: Sequence[TextSpan]) -> tuple[TextSpan, ...]:
    """The same runs with neighbours that look alike joined and empty ones left out."""
    alike = groupby((run for run in runs if run.text), key=lambda run: (run.marks, run.url))
    return tuple(TextSpan("".join(run.text for run in group), marks, url) for (marks, url), group in alike)


def trimmed(runs: tuple[TextSpan, ...]) -> tuple[TextSpan, ...]:
    """The runs without whitespace at their two ends."""
    first, last = 0, len(runs)
    while first < last and not runs[first].text.strip():
        first += 1
    while last > first and not runs[last - 1].text.strip():
        last -= 1
    kept = list(runs[first:last])
    if kept and kept[0].text[0].isspace():
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
    if kept and kept[-1].text[-1].isspace():
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return tuple(kept)


def parted(runs: tuple[TextSpan, ...], at: int) -> tuple[tuple[TextSpan, ...], tuple[TextSpan, ...]]:
    """The runs of the first `at` characters, and all others, which are not gone through."""
    for number, run in enumerate(runs):
        if len(run.text) > at:
            head = TextSpan(run.text[:at], run.marks, run.url)
            tail = TextSpan(run.text[at:], run.marks, run.url)
            return (*runs[:number], head) if at else runs[:number], (tail, *runs[number + 1 :])
        at -= len(run.text)
    return runs, ()
