"""Extracts: the few sentences to quote for a question, the answer when there is no model to write one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.types import Hit, ScoredSpan, Span

PASSAGES = 3
"""Hits that sentences are taken from."""
PASSAGE_SHARE = 3.0
"""What a passage's score counts beside a sentence's own, both from 0 to 1: a weaker passage needs a much better sentence."""
LEAD_IN_SHARE = -0.4
"""What it counts against a sentence that only announces what follows."""
ROW_SHARE = -0.3
"""What it counts against a table's row, which is read with difficulty outside its table."""

# What a question asks for, what shows that a sentence holds it, and what that counts; the first that fits decides.
KINDS = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(tells, re.IGNORECASE), share)
    for asks, tells, share in (
        (
            r"哪一?年|何时|什么时候|几月|几号|哪天|日期|\bwhen\b|what year",
            r"\d{2,4}\s*年|\d+\s*[月日]|世纪|\b(?:19|20)\d\d\b",
            0.3,
        ),
        (
            r"多少|几[个种次条步年天款家位篇份倍成章层项类]|多[长大高远久快]|比例|百分|占比|how (?:many|much|big|long|large)",
            r"\d|[一二三四五六七八九十百千万亿两]",
            0.3,
        ),
        (r"为什么|为何|为啥|原因|\bwhy\b", r"因为|由于|因此|所以|导致|because|since|due to", 0.2),
        (
            r"是什么|什么意思|什么是|指什么|啥意思|含义|定义|what (?:is|are|does)|\bmeans?\b",
            r"指|是|即|称为|叫做|refers|means| is ",
            0.2,
        ),
    )
)
HEADING = re.compile(r"[ \t]*(?:>[ \t]?)*#{1,6}[ \t]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A sentence of a hit; `start` and `end` are code points into the file."""

    hit: Hit
    start: int
    end: int

    @property
    def text(self) -> str:
        base = self.hit.passage.start
        return self.hit.passage.text[self.start - base : self.end - base]


def choose_excerpts(question: str, hits: Sequence[Hit], *, most: int, characters: int) -> tuple[Excerpt, ...]:
    """Up to `most` sentences, together up to `characters` long (the first one always).

    The best sentence comes first; the others follow as context, in the order of the hits and of their notes. Headings are no
    answers, and a sentence that stands twice is quoted once.
    """
    ranked = sorted(_candidates(question, hits[:PASSAGES]), key=lambda candidate: -candidate[0])
    chosen: list[Excerpt] = []
    room = characters
    for _, excerpt in ranked:
        length = excerpt.end - excerpt.start
        if len(chosen) < most and (length <= room or not chosen) and all(excerpt.text != other.text for other in chosen):
            chosen.append(excerpt)
            room -= length
    order = {hit.passage.id: rank for rank, hit in enumerate(hits)}
    context = sorted(chosen[1:], key=lambda excerpt: (order[excerpt.hit.passage.id], excerpt.start))
    return (*chosen[:1], *context)


def _candidates(question: str, hits: Sequence[Hit]) -> list[tuple[float, Excerpt]]:
    """Every sentence with its worth: its share of its passage's best sentence, the passage's score, and the kind it is of."""
    best_hit = max((hit.score for hit in hits), default=0.0) or 1.0
    found = []
    for hit in hits:
        best_span = max((span.score for span in hit.sentences), default=0.0)
        for span in hit.sentences:
            excerpt = _excerpt(hit, span)
            if not _is_heading(hit, (span.start, span.end)):
                own = span.score / best_span if best_span else 1.0
                found.append((own + PASSAGE_SHARE * hit.score / best_hit + _worth(question, excerpt.text), excerpt))
    return found


def _excerpt(hit: Hit, span: ScoredSpan) -> Excerpt:
    return Excerpt(hit=hit, start=hit.passage.start + span.start, end=hit.passage.start + span.end)


def _is_heading(hit: Hit, span: Span) -> bool:
    line = hit.passage.text.rfind("\n", 0, span[0]) + 1
    return bool(HEADING.match(hit.passage.text, line))


def _worth(question: str, sentence: str) -> float:
    """What the kind of sentence adds to its score."""
    worth = LEAD_IN_SHARE if sentence.rstrip("*` ").endswith(("：", ":")) else 0.0
    worth += ROW_SHARE if sentence.startswith("|") else 0.0
    for asks, tells, share in KINDS:
        if asks.search(question):
            return worth + share * bool(tells.search(sentence))
    return worth
