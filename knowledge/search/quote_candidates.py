"""Sentences of found passages that may be quoted, each with its worth and how far the piece reaches that it is part of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.passages.reader_form import cells_of
from knowledge.passages.structure import PassagePart, Shape, item_at, pieces_of
from knowledge.search.question_kind import QuestionKind
from knowledge.search.quotability import asks_itself, is_quotable, leads_on
from knowledge.text import Telling, fold, parts_of_question, terms
from knowledge.types import Hit, Passage, ScoredSpan, Span

PASSAGE_SHARE = 3.0
"""What a passage's score counts beside a sentence's own, both from 0 to 1: a weaker passage needs a much better sentence."""
LEAD_SHARE = -0.1
"""What it counts against a sentence that only announces what follows, and is quoted with it."""
ALONE_SHARE = -0.4
"""The same of one that would be quoted alone."""
KEY_SHARE = 0.5
"""What a table's row gains whose first cell the question names."""
SAYS = 0.6
"""What a further bullet or row must say of what is asked, beside the first."""
TORN = 40
"""Characters; a longer one says enough without what is in the bracket."""
GROWN = 220
"""Characters up to which a sentence is quoted together with its neighbours."""
RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:|-]*)?$")
LEADS = re.compile(r"[:：][\s*_`]*$")
BOLD_LINE = re.compile(r"[ \t]*\*\*[^*\n]+\*\*[ \t]*[:：]?[ \t]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A piece of a hit; `start` and `end` are code points into the file."""

    hit: Hit
    start: int
    end: int
    columns: tuple[str, ...] = ()
    """The heads of the columns, for a table's row that is quoted without its table."""
    open_only: bool = False
    """True when tasks that are done are left out of what is shown."""

    @property
    def text(self) -> str:
        base = self.hit.passage.start
        return self.hit.passage.text[self.start - base : self.end - base]


class AskedQuestion:
    """A question as it is looked at here."""

    def __init__(self, question: str) -> None:
        self.text = question
        self.kind = QuestionKind.of(question)
        self.folded = fold(question).lower()
        self.terms = frozenset(
            part.term
            for part in parts_of_question(question)
            if part.telling is Telling.FULLY and (part.name or len(part.term) > 1)
        )

    def terms_in(self, excerpt: Excerpt) -> frozenset[str]:
        return self._said(excerpt.hit.passage, excerpt.text)

    def terms_of(self, candidate: QuoteCandidate) -> frozenset[str]:
        return self._said(candidate.read.hit.passage, candidate.raw)

    def _said(self, passage: Passage, words: str) -> frozenset[str]:
        return self.terms.intersection(terms(" ".join([passage.title, *passage.heading, words])))


@dataclass(slots=True, kw_only=True)
class PassageReading:
    """A hit taken apart."""

    hit: Hit
    near: float
    """Its score beside the best hit's."""
    pieces: tuple[PassagePart, ...]

    @property
    def text(self) -> str:
        return self.hit.passage.text

    def piece_at(self, at: int) -> int:
        return next((n for n, piece in enumerate(self.pieces) if piece.end > at), len(self.pieces) - 1)


@dataclass(slots=True, kw_only=True)
class QuoteCandidate:
    """A sentence that may be quoted."""

    read: PassageReading
    span: ScoredSpan
    worth: float
    own: float
    """How much of what is asked the sentence itself names."""
    leads: bool
    """It is a question or an announcement: what follows is the answer."""

    @property
    def near(self) -> float:
        return self.read.near

    @property
    def raw(self) -> str:
        return self.read.text[self.span.start : self.span.end]

    def goes_with(self, first: QuoteCandidate) -> bool:
        """Whether it may stand beside another of its passage: any sentence of a text, else what says about as much."""
        shape = self.read.pieces[self.read.piece_at(self.span.start)].shape
        return self.read is first.read and (shape is Shape.TEXT or self.own >= SAYS * first.own > 0)

    def expanded(self, asked: AskedQuestion, *, most: int, characters: int) -> Excerpt:
        """The piece that the sentence is part of, as much of it as there is room for."""
        start, end, columns = self._expanded(asked, most=most, characters=characters)
        base = self.read.hit.passage.start
        return Excerpt(hit=self.read.hit, start=base + start, end=base + end, columns=columns, open_only=asked.kind.tasks)

    def _expanded(self, asked: AskedQuestion, *, most: int, characters: int) -> tuple[int, int, tuple[str, ...]]:
        read, at = self.read, self.read.piece_at(self.span.start)
        piece = read.pieces[at]
        if self.leads and at + 1 < len(read.pieces) and self._ends(piece):
            start = self.span.start if _announces_rest(self.raw) else read.pieces[at + 1].start
            return (*_clipped(read, start, at + 1, characters), ())
        if piece.shape is Shape.TABLE:
            return _of_table(read, piece, self.span, asked, characters)
        if piece.shape is Shape.LIST:
            return (*_of_list(read, at, self.span, asked, characters, most), ())
        if piece.shape in (Shape.CODE, Shape.FORMULA):
            return (*_of_block(read, at, self.span, characters), ())
        return (*_with_heading(read, at, (line_start(read.text, self.span), self.span.end)), ())

    def _ends(self, piece: PassagePart) -> bool:
        """Whether nothing follows the sentence in its piece but tags and the like."""
        return not any(is_quotable(self.read.text[s.start : s.end]) for s in _after(self.read, self.span.end, piece.end))


def ranked_candidates(asked: AskedQuestion, hits: Sequence[Hit]) -> list[QuoteCandidate]:
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    found: list[QuoteCandidate] = []
    for hit in hits:
        read = PassageReading(hit=hit, near=hit.score / best, pieces=pieces_of(hit.passage.text))
        found += _candidates(asked, read)
    found.sort(key=lambda candidate: -candidate.worth)
    return found


def _candidates(asked: AskedQuestion, read: PassageReading) -> Iterator[QuoteCandidate]:
    """Every sentence that may be quoted, with its worth: its share of its passage's best, the passage's score, its kind."""
    most = max((span.score for span in read.hit.sentences), default=0.0)
    for span in read.hit.sentences:
        raw = read.text[span.start : span.end]
        at = read.piece_at(span.start)
        leads = _leads(read, at, span)
        if read.pieces[at].shape is Shape.HEADING or not (leads or is_quotable(_line_of(read.text, span), asked.text)):
            continue
        if _is_column_heads(read, at, span) or _is_torn(raw) or not asked.kind.allows(_line_of(read.text, span)):
            continue
        own = span.score / most if most else 1.0
        worth = own + PASSAGE_SHARE * read.near + asked.kind.worth(raw) + _lead_worth(read, at, span, leads=leads)
        yield QuoteCandidate(read=read, span=span, worth=worth + _key_worth(asked, read, at, raw), own=span.score, leads=leads)


def _is_torn(raw: str) -> bool:
    """Whether a bracket is opened and not closed: the sentence goes on behind what looks like its end."""
    return max(raw.count("（") - raw.count("）"), raw.count("(") - raw.count(")")) > 0 and len(raw) < TORN


def _lead_worth(read: PassageReading, at: int, span: ScoredSpan, *, leads: bool) -> float:
    """What it counts against a sentence that only announces, the more when it would be quoted without what follows."""
    if leads:
        return LEAD_SHARE
    if not LEADS.search(read.text[span.start : span.end]):
        return 0.0
    piece = read.pieces[at]
    return LEAD_SHARE if piece.shape is Shape.LIST and item_at(read.text, piece, span.start)[1] > span.end else ALONE_SHARE


def line_start(text: str, span: ScoredSpan) -> int:
    return span.end - len(_line_of(text, span))


def _line_of(text: str, span: ScoredSpan) -> str:
    """The sentence with the marker before it, when it begins its line."""
    start = text.rfind("\n", 0, span.start) + 1
    return (
        text[start : span.end]
        if not re.search(r"[^\s>*+•☐\[\]xX\d.)-]", text[start : span.start])
        else text[span.start : span.end]
    )


def _leads(read: PassageReading, at: int, span: ScoredSpan) -> bool:
    """Whether what follows the sentence belongs to it: it ends in a colon, asks, or is a line in bold type."""
    piece = read.pieces[at]
    if at + 1 == len(read.pieces) or piece.shape is not Shape.TEXT or read.pieces[at + 1].shape is Shape.HEADING:
        return False
    if any(is_quotable(read.text[s.start : s.end]) for s in _after(read, span.end, piece.end)):
        return False
    raw = read.text[span.start : span.end]
    return _announces_rest(raw) or leads_on(raw)


def _announces_rest(raw: str) -> bool:
    """Whether a line is the lead of a list or the like, and is read with it."""
    return bool(LEADS.search(raw) or BOLD_LINE.match(raw)) and not asks_itself(raw)


def _is_column_heads(read: PassageReading, at: int, span: ScoredSpan) -> bool:
    piece = read.pieces[at]
    if piece.shape is not Shape.TABLE or len(piece.lines) < 2:
        return False
    start, end = piece.lines[1]
    return span.start < piece.lines[0][1] and bool(RULE.match(read.text[start:end]))


def _key_worth(asked: AskedQuestion, read: PassageReading, at: int, raw: str) -> float:
    if read.pieces[at].shape is not Shape.TABLE:
        return 0.0
    key = fold((cells_of(raw) or [""])[0]).lower().strip("*` ")
    return KEY_SHARE if key and _stands_in(key, asked.folded) else 0.0


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text as a whole, blanks aside: `room 1` is no part of `room 17`."""
    squeezed, whole = name.replace(" ", ""), text.replace(" ", "")
    at = whole.find(squeezed)
    if at < 0:
        return False
    after, before = whole[at + len(squeezed) : at + len(squeezed) + 1], whole[at - 1 : at] if at else ""
    return not (squeezed[-1].isdigit() and after.isdigit()) and not (squeezed[0].isdigit() and before.isdigit())


def _after(read: PassageReading, start: int, end: int) -> Iterator[ScoredSpan]:
    return (span for span in read.hit.sentences if start <= span.start < end)


# How far a piece reaches


def _clipped(read: PassageReading, start: int, at: int, characters: int) -> Span:
    """From `start` to the end of the piece `at`, whole lines, as much as there is room for but one line at least."""
    end = read.pieces[at].lines[0][1]
    if read.pieces[at].shape in (Shape.CODE, Shape.FORMULA):
        return start, read.pieces[at].end
    for _, line_end in read.pieces[at].lines:
        if line_end - start <= characters:
            end = max(end, line_end)
    return start, end


def _of_list(read: PassageReading, at: int, span: ScoredSpan, asked: AskedQuestion, characters: int, most: int) -> Span:
    """The bullet with those under it; the whole list under its lead when that is asked for, or when it is short."""
    piece = read.pieces[at]
    item = item_at(read.text, piece, span.start)
    whole = asked.kind.lists or piece.end - piece.start <= GROWN
    if most == 1:
        return span.start, span.end
    if not whole:
        return item if item[1] - item[0] <= characters else (span.start, span.end)
    start = _lead_start(read, at)
    if piece.end - start <= characters:
        return _with_heading(read, at, (start, piece.end))
    return _clipped(read, start, at, characters) if span.end - start <= characters else item


def _lead_start(read: PassageReading, at: int) -> int:
    """Where the line before a list begins, if it leads up to it."""
    before = read.pieces[at - 1] if at else None
    if before is None or before.shape is not Shape.TEXT:
        return read.pieces[at].start
    start, end = before.lines[-1]
    line = read.text[start:end]
    return start if LEADS.search(line) or BOLD_LINE.match(line) else read.pieces[at].start


def _of_table(
    read: PassageReading, piece: PassagePart, span: ScoredSpan, asked: AskedQuestion, characters: int
) -> tuple[int, int, tuple[str, ...]]:
    """The row; the whole table when a list is asked for and it is short."""
    text = read.text
    row = next(line for line in piece.lines if line[1] > span.start)
    rule = len(piece.lines) > 1 and RULE.match(text[slice(*piece.lines[1])])
    if (
        asked.kind.lists
        and rule
        and piece.end - piece.start <= characters
        and not _key_worth(asked, read, read.piece_at(span.start), text[slice(*row)])
    ):
        return piece.start, piece.end, ()
    heads = text[slice(*piece.lines[0])] if rule else (read.hit.passage.parents or ("",))[-1]
    return *row, tuple(cells_of(heads)) if heads else ()


def _of_block(read: PassageReading, at: int, span: ScoredSpan, characters: int) -> Span:
    """Code or a formula whole, with the line that leads up to it."""
    piece = read.pieces[at]
    start = _lead_start(read, at)
    return (start, piece.end) if piece.end - start <= 2 * characters else (span.start, span.end)


def _with_heading(read: PassageReading, at: int, span: Span) -> Span:
    """With the heading right above, where the piece begins there: it belongs to what is quoted."""
    before = read.text[read.pieces[at].start : span[0]]
    if at and read.pieces[at - 1].shape is Shape.HEADING and not re.search(r"\w{2}", before):
        return read.pieces[at - 1].start, span[1]
    return span
