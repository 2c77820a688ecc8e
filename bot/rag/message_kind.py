"""What a message in a conversation is: a question that stands alone, one that leans on what was said, talk, and so on.

Decided from its words alone, by the table beside this file. What is `UNCLEAR` by its words the search decides, which tries
the message with and without what was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from bot.rag.smalltalk import Talk, talk_of
from knowledge.foreign_text import parse_yaml
from knowledge.text import fold, telling_terms


class MessageKind(StrEnum):
    ALONE = "alone"
    """Names what it is about: 什么是量化, What is pruning?"""
    UNCLEAR = "unclear"
    """May be a question of its own or a step further in the last one: 能在手机上跑吗."""
    LEANS = "leans"
    """Says little without what was said before: 第二个呢, why?, and its drawbacks."""
    BACK = "back"
    """Goes back by name to something earlier: 回到剪枝, back to pruning."""
    CORRECTS = "corrects"
    """Rejects the last answer: 不对，我问的是剪枝."""
    TALK = "talk"
    ABOUT_NOTES = "about_notes"
    """The notes as a whole: what are they about."""
    LIST_OF_NOTES = "list_of_notes"
    """Which notes are there."""
    ABOUT_NOTE = "about_note"
    """What is in the note `target`."""
    SUM_UP_NOTE = "sum_up_note"
    """Sum up the note `target`, which may turn out to be no note but a subject."""
    COMPARES = "compares"
    """Two things that are both named: `sides`."""


OVERVIEWS = (MessageKind.ABOUT_NOTES, MessageKind.LIST_OF_NOTES, MessageKind.ABOUT_NOTE, MessageKind.SUM_UP_NOTE)
"""Those that name no note come first."""

LONGEST = 160
"""Characters of a message that may be of a kind that has a form."""
MUCH = 12
"""Telling terms (Chinese pairs of characters, words) of a message that says what it is about, whatever it points to besides."""

MEASURE = re.compile("[个种些篇几位部本段次]")
"""What follows 那 or 这 that is attached to a name: 蒸馏那个实验, 《活着》这部小说."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReading:
    """A message and what it is."""

    kind: MessageKind
    words: str
    """What is to be looked up: the message without "no, I meant" or "back to"."""
    talk: Talk | None = None
    target: str = ""
    """The note that it is about, as the message names it: a file, a title, or `第一篇`."""
    sides: tuple[str, ...] = ()
    """What it compares."""


def read_message(text: str) -> MessageReading:
    """Tell the kind of `text`, a whole message."""
    words, folded = (" ".join(form.split()) for form in (text, fold(text)))
    if talk := talk_of(text):
        return MessageReading(kind=MessageKind.TALK, words=words, talk=talk)
    if len(folded) > LONGEST:
        return MessageReading(kind=MessageKind.UNCLEAR, words=words)
    special = _correction(folded) or _overview(folded) or _going_back(folded) or _comparison(folded)
    return special or MessageReading(kind=_leaning(folded), words=words)


def _correction(words: str) -> MessageReading | None:
    found = _whole("corrects", words)
    return MessageReading(kind=MessageKind.CORRECTS, words=found["rest"].strip(" ，,:：。.")) if found else None


def _overview(words: str) -> MessageReading | None:
    for kind in OVERVIEWS:
        if found := _whole(kind, words):
            target = found.groupdict().get("target") or ""
            (lead,) = _patterns("lead_of_target")
            return MessageReading(kind=kind, words=words, target=lead.sub("", target).strip(' 《》「」“”"'))
    return None


def _going_back(words: str) -> MessageReading | None:
    """When something is named besides; 刚才那个呢 merely leans on what was said."""
    rest = words
    for pattern in _patterns("back"):
        rest = pattern.sub(" ", rest)
    rest = " ".join(rest.split()).strip(" ，,:：")
    if rest == words or not _names_something(rest):
        return None
    return MessageReading(kind=MessageKind.BACK, words=rest)


def _comparison(words: str) -> MessageReading | None:
    """When both sides are named; "how is it different from X" leans on what was said."""
    for pattern in _patterns("compares"):
        if found := pattern.fullmatch(words):
            (lead,) = _patterns("lead_of_side")
            sides = tuple(lead.sub("", found[side]).strip() for side in ("one", "two"))
            if all(map(_is_named, sides)):
                return MessageReading(kind=MessageKind.COMPARES, words=words, sides=sides)
    return None


def _is_named(side: str) -> bool:
    whole = all(side.count(left) == side.count(right) for left, right in ("《》", "（）", "“”", "「」"))
    return whole and not _first("asking", side) and not _first("points", side) and _names_something(side)


def _leaning(words: str) -> MessageKind:
    """Whether a question needs what was said before."""
    (expletive,), (lead,) = _patterns("expletive"), _patterns("leads_on")
    bare = expletive.sub(" ", words)
    if (found := _whole("defines", lead.sub("", bare))) and _is_named(found["thing"].strip()):
        return MessageKind.ALONE
    pointer = _first("points", bare)
    if pointer and not _may_point_inside(bare, pointer):
        return MessageKind.LEANS if len(_telling_terms(words)) < MUCH else MessageKind.UNCLEAR
    if _first("goes_on", words) or not _names_something(words) or (found and not pointer):
        return MessageKind.LEANS
    return MessageKind.UNCLEAR


def _may_point_inside(words: str, pointer: re.Match[str]) -> bool:
    """True for a pronoun after words that it may stand for: 蒸馏那个实验, 一群人一起干活 这叫什么, what X is and how it works."""
    before = words[: pointer.start()]
    attached = pointer[0] == "那" or before[-1:] in tuple('》”」』"') or before[-1:].isascii()
    attached = bool(before) and attached and bool(MEASURE.match(words, pointer.end()))
    apart = attached or before.isascii() or before[-1:] in tuple(" ，,。;；")
    return apart and len(_telling_terms(before)) >= (1 if attached else 2)


def _names_something(words: str) -> bool:
    """True unless it is all question words, or something of something."""
    return bool(_telling_terms(words)) and not any(pattern.match(words) for pattern in _patterns("owned"))


def _telling_terms(words: str) -> set[str]:
    """Words, and pairs of Chinese characters; single ones only where there is nothing else."""
    terms = telling_terms(words)
    return {term for term in terms if len(term) > 1} or terms


def _whole(name: str, words: str) -> re.Match[str] | None:
    """The match of the first pattern of this name that the message fits as a whole."""
    return next((found for pattern in _patterns(name) if (found := pattern.fullmatch(words))), None)


def _first(name: str, words: str) -> re.Match[str] | None:
    """The first place of all where a pattern of this name fits."""
    found = (match for pattern in _patterns(name) if (match := pattern.search(words)))
    return min(found, key=lambda match: match.start(), default=None)


def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    return _table()[name]


@cache
def _table() -> dict[str, tuple[re.Pattern[str], ...]]:
    table = parse_yaml((files("bot.rag") / "message_kind.yaml").read_text(encoding="utf-8"))
    fragments = table.pop("fragments")
    return {name: tuple(_compiled(pattern, fragments) for pattern in patterns) for name, patterns in table.items()}


def _compiled(pattern: str, fragments: dict[str, str]) -> re.Pattern[str]:
    """Fragments may hold fragments that stand above them."""
    for name, fragment in reversed(fragments.items()):
        pattern = pattern.replace(f"<{name}>", fragment)
    return re.compile(pattern, re.IGNORECASE)
