"""A sentence and a place in it go in; as much of the sentence as a question about that place needs comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.quiz.cards.extractors.quality import stands_alone
from bot.quiz.cards.extractors.sentences import Sentence
from bot.quiz.cards.pos_tags import words_of
from knowledge.types import Span

LONGEST = 100
SHORT_ENOUGH = 50
"""Characters of a sentence that is asked about whole; a longer one is clipped where it can be."""
FEWEST_BESIDE = 4
"""Letters that must stand beside a gap in its own clause."""
CLAUSE_END = re.compile(r"[，；]|[,;](?=\s)")
CONCEDES = re.compile(r"尽管|虽然|即使|即便|如果|假如|若")
UNFINISHED = re.compile(
    r"(?:发现|预测|认为|表明|指出|显示|证明|来说|来看|而言|说|称|表示|[中上下里内]|时|时候|后|前|期间"
    r"|以来|之一|为|是|的|如|例如|比如|包括|模型)$"
)
HANGS = re.compile(r"[，,；;]\s*(?:随着|当|如果|假如|若|由于|因为|虽然|尽管|即使|只要|除非)[^，,；;]*$")
"""The last clause waits for another one."""
NAMES = ("eng", "nr", "nrt", "nt", "nz", "ns")
"""Parts of speech of names; a clause that begins with one has its own subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A part of a sentence; `span` is where the answer stands in it."""

    statement: Sentence
    span: Span

    @property
    def text(self) -> str:
        return self.statement.text

    @property
    def answer(self) -> str:
        return self.text[slice(*self.span)]

    @property
    def rest(self) -> str:
        return f"{self.text[: self.span[0]]} {self.text[self.span[1] :]}"


def clip_around(statement: Sentence, span: Span) -> Clip | None:
    """The shortest run of clauses with `span` in it that can be understood alone; None when there is none."""
    text = statement.text
    breaks = [match.start() for match in CLAUSE_END.finditer(text)]
    clause = max((stop + 1 for stop in breaks if stop < span[0]), default=0)
    if not _has_more(text, clause, len(text), span) or CONCEDES.search(text[clause : span[0]]):
        return None
    stops = [stop for stop in breaks if stop >= span[1] and _has_more(text, clause, stop, span)]
    for start, stop in _windows(text, clause, breaks, stops):
        part = replace(statement, words=statement.words.within(start, stop))
        cut_off = UNFINISHED.search(part.text) or HANGS.search(part.text)
        whole = stop == len(text) or (not cut_off and _says_something(part.text))
        if stop - start <= LONGEST and whole and _is_sound(part):
            return Clip(statement=part, span=(span[0] - start, span[1] - start))
    return None


def _windows(text: str, clause: int, breaks: list[int], stops: list[int]) -> Iterator[Span]:
    """Short sentences whole, then from the sentence's start, then from a later clause that begins with a name."""
    ends = [len(text), *stops] if len(text) <= SHORT_ENOUGH else [*stops, len(text)]
    for stop in ends:
        yield 0, stop
    if len(text) > SHORT_ENOUGH:
        begins = [stop + 1 + len(text[stop + 1 :]) - len(text[stop + 1 :].lstrip()) for stop in breaks if stop < clause]
        for start in begins:
            if words_of(text[start:])[0].tag in NAMES:
                for stop in ends:
                    yield start, stop


def _is_sound(part: Sentence) -> bool:
    return stands_alone(part.text) and _has_subject(part) and not part.text.endswith((":", "："))


def _has_more(text: str, begin: int, stop: int, span: Span) -> bool:
    """Between `begin` and `stop` stands more than the gap."""
    return len(re.sub(r"[\W\d]", "", text[begin : span[0]] + text[span[1] : stop])) >= FEWEST_BESIDE


def _says_something(text: str) -> bool:
    """It has a verb that is not its last word."""
    words = [word for word in words_of(text) if word.text.strip()]
    return any(word.tag == "v" for word in words[1:-1])


def _has_subject(statement: Sentence) -> bool:
    """Its first words name something, and something in it is a name, is set off or is the topic."""
    words = [word for word in words_of(statement.text) if word.text.strip()]
    first_verb = next((at for at, word in enumerate(words) if at and word.tag.startswith("v")), len(words))
    named = any(word.tag[0] == "n" or word.tag in ("eng", "j", "l", "i") for word in words[:first_verb])
    proper = any(word.tag in NAMES for word in words) or bool(statement.words.marks) or bool(statement.topic)
    return named and proper
