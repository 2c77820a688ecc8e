"""An answer with the marks of its sources written in by code, and without what nothing in the notes supports.

The model is asked for plain words. Marks that it writes all the same are hints and never stand as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from bot.rag import code_spans
from bot.rag.attribution import Attribution, Attributor
from knowledge.passages import sentences

Unsupported = Literal["strict", "marked", "off"]
"""What becomes of a sentence that nothing supports: it goes, is marked as not from the notes, or stays."""

FENCED = re.compile(r"^[ \t>]*(`{3,}|~{3,})[^\n]*$.*?(?:^[ \t>]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
ENDING = re.compile(r"(?:(?<![。.！!？?；;…])[。.！!？?；;…]+|[ \t]*\|)$")
"""The signs before which a mark stands; after a closing quotation mark or emphasis it comes last."""
CLOSED = re.compile(r"[。！？!?\n]\s*$|\.\s+$")
LEAD_IN = re.compile(r"[:：][*_ \t]*$")
TABLE_HEAD = re.compile(r"\|[^\n]*\n[ \t]*\|[ :|-]+(?:\n|$)")
LEAD = re.compile(r"[ \t]*+(?:>[ \t]?)*+[ \t]*+(?:(?:[-*+•]|\d{1,3}[.)、])[ \t]*)?(?:#{1,6}[ \t]+)?[*_]*$")
"""What stands before the first sentence of a line: a list marker, the signs of a heading."""
COUNTING = re.compile(r"[:：][ \t]*(\d{1,2}\.)$")
"""A number behind the colon at the end of what looks like a sentence: it counts what comes next."""
MARK = re.compile(r"(?P<space>(?<! ) *+)\[(?P<number>\d{1,3})\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """An answer as it is shown."""

    text: str
    supported: bool
    """True when at least one sentence has a source."""
    left_out: int = 0
    """Sentences that nothing supports, and that are not shown or marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark that the model wrote: where it stood in the text without marks, how it was spaced, and the number it names."""

    at: int
    space: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    start: int
    end: int
    text: str
    marks: tuple[Mark, ...]
    found: Attribution
    lead_in: bool
    """True for one that only announces what follows: a heading, or the place of a passage that the model repeats."""

    @property
    def is_made_up(self) -> bool:
        return bool(self.found.lacking) or (self.found.unsupported and not self.lead_in)

    def drawn(self, unsupported: Unsupported, remark: str) -> str:
        """As it is shown: with its marks, with a remark, or not at all."""
        if unsupported != "off" and self.is_made_up:
            return _before_ending(self.text, remark) if unsupported == "marked" else ""
        kept = [mark for mark in self.marks if mark.number in self.found.sources]
        missing = set(self.found.sources).difference(mark.number for mark in kept) if not self.lead_in else ()
        text = self.text
        if missing and all(mark.at < self.end for mark in kept):
            text = _before_ending(text, " " + "".join(f"[{n}]" for n in sorted(missing)))
        for mark in reversed(kept):
            at = mark.at - self.start
            text = f"{text[:at]}{mark.space}[{mark.number}]{text[at:]}"
        return text

    def known_part(self, unsupported: Unsupported) -> str:
        """What it says, while it is being written, before it says anything that stands nowhere."""
        if unsupported == "off":
            return self.text
        return self.text[: min([self.text.find(lacking) for lacking in self.found.lacking], default=len(self.text))]


def annotate(text: str, attributor: Attributor, *, unsupported: Unsupported, remark: str, whole: bool = True) -> Annotated:
    """Mark each sentence of `text`, whose marks are all `[n]`, with its sources; `remark` says that one is not from the notes.

    Of an answer that is not `whole` yet, the sentence at the end is shown up to the first thing that it may have made up.
    """
    plain, marks = unmarked(text)
    found = list(_attributed(plain, marks, attributor))
    growing = found.pop() if found and not whole and not CLOSED.search(plain) else None
    pieces, at, left_out = [], 0, 0
    for one in found:
        drawn = one.drawn(unsupported, remark)
        pieces += [plain[at : one.start], drawn]
        left_out += one.is_made_up
        at = one.end
    pieces += [plain[at : growing.start], growing.known_part(unsupported)] if growing else [plain[at:]]
    shown = "".join(pieces)
    shown = _tidied(shown, plain) if left_out and unsupported == "strict" else shown
    supported = any(one.found.sources for one in found if not one.lead_in)
    return Annotated(
        text=_tidied(shown, plain) if unsupported == "strict" and left_out else shown, supported=supported, left_out=left_out
    )


def unmarked(text: str) -> tuple[str, tuple[Mark, ...]]:
    """`text` without its marks of sources, and the marks; those in code are none."""
    code = code_spans.places(text)
    pieces: list[str] = []
    marks: list[Mark] = []
    at = size = 0
    for found in MARK.finditer(text):
        if not code_spans.code_at(code, found.start()):
            pieces.append(text[at : found.start()])
            size += len(pieces[-1])
            marks.append(Mark(at=size, space=found["space"], number=int(found["number"])))
            at = found.end()
    return "".join([*pieces, text[at:]]), tuple(marks)


def _attributed(plain: str, marks: Sequence[Mark], attributor: Attributor) -> Iterator[_Sentence]:
    """The sentences outside of fenced code, each with the marks that stand in it or behind it."""
    spans = list(_with_numbers(plain, sentences(FENCED.sub(_blanked, plain))))
    for (start, end), (following, _) in pairwise([*spans, (len(plain), 0)]):
        words = plain[start:end]
        own = tuple(mark for mark in marks if start < mark.at <= following)
        before = plain[plain.rfind("\n", 0, start) + 1 : start].lstrip("> ")
        yield _Sentence(
            start=start,
            end=end,
            text=words,
            marks=own,
            found=attributor.attribute(words, [mark.number for mark in own]),
            lead_in=before.startswith("#") or " › " in words or bool(LEAD_IN.search(words) or TABLE_HEAD.match(plain, start)),
        )


def _with_numbers(plain: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The sentences, a number that counts ("as follows: 1. First …") with the words after it rather than with those before."""
    numbers = [COUNTING.search(plain, start, end) for start, end in spans[:-1]]
    starts = [number.start(1) if number else None for number in numbers]
    for (start, end), before, after in zip(spans, [None, *starts], [*starts, None], strict=False):
        yield (start if before is None else before), (end if after is None else after)


def _blanked(fence: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", fence[0])


def _before_ending(sentence: str, mark: str) -> str:
    end = ENDING.search(sentence)
    at = end.start() if end else len(sentence)
    return f"{sentence[:at]}{mark}{sentence[at:]}"


def _tidied(shown: str, before: str) -> str:
    """Without the list markers and lead-ins of what was left out."""
    known = set(before.splitlines())
    lines = [line for line in shown.splitlines() if line in known or not LEAD.fullmatch(line)]
    kept: list[str] = []
    for line in reversed(lines):
        follows = next((one for one in reversed(kept) if one.strip()), "")
        if not (LEAD_IN.search(line) and not follows):
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(reversed(kept))).strip("\n")
