"""Sentences of a note with their context, clipped to what a question about a place in them needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.quiz.cards.document import NoteDocument, clean, is_untelling
from bot.quiz.cards.extractors.quality import JUNK, is_closed, leans, stands_alone, words_of
from bot.quiz.cards.rendered_text import RenderedText
from bot.types import Language, language_of
from knowledge.passages import sentences
from knowledge.passages.markdown import Block, BlockKind
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


JOINT = re.compile(
    r"(?:但是?|不过|然而|此外|另外|因此|所以|同时|事实上|实际上|其实|当然|首先|其次|最后|而(?![且是])"
    r"|第[一二三四五]|[一二三四]是|[（(]\d[)）]|[^，。：:、]{2,14}(?:的是|来看|来说|而言|证实|显示"
    r"|表明)(?=，))\s*[，,、]?\s*"
)
"""Joins a sentence to the one before, and can be left out."""
LONGEST_LEAD = 24
"""Characters."""
SHORTEST_READ, LONGEST_READ = 3, 1000
"""Characters; what is shorter says nothing to be asked about, and what goes on for longer is no sentence."""
ENDS = "。．.!！?？;；,，、 …"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence without its full stop."""

    words: RenderedText
    span: Span
    block: Block
    topic: tuple[str, ...]
    first: bool
    """It begins its paragraph or bullet."""
    language: Language

    @property
    def text(self) -> str:
        return self.words.text


def statements_of(page: NoteDocument) -> Iterator[Sentence]:
    """Every sentence of the page's running text and bullets that is not a question, in order."""
    for block in page.blocks:
        if block.kind is BlockKind.TEXT and block.words:
            yield from _of_block(page, block)


def _of_block(page: NoteDocument, block: Block) -> Iterator[Sentence]:
    topic = page.topic(block)
    raw = page.note.text[block.start : block.end]
    for number, (start, end) in enumerate(sentences(raw)):
        words = trimmed(page.read(block.start + start, block.start + end))
        joint = JOINT.match(words.text)
        words = words.within(joint.end(), len(words.text)) if joint else words
        if SHORTEST_READ <= len(words.text) <= LONGEST_READ and not raw[start:end].rstrip('*`"”’』」 ').endswith(("?", "？")):
            yield Sentence(
                words=words,
                span=(block.start + start, block.start + end),
                block=block,
                topic=topic,
                first=number == 0,
                language=language_of(words.text),
            )


def trimmed(words: RenderedText) -> RenderedText:
    """Without blanks around it and without the stop at its end."""
    text = words.text
    start = len(text) - len(text.lstrip())
    return words.within(start, max(start, len(text.rstrip(ENDS))))


def with_lead(topic: tuple[str, ...], block: Block) -> tuple[str, ...]:
    """The topic, made narrower by the line that announces the block, where that line can be understood alone."""
    lead = block.parents[-1].strip() if block.parents else ""
    name = clean(lead)
    if not lead.endswith((":", "：")) or not 3 <= len(name) <= LONGEST_LEAD or re.search(r"[。；，,？?]", name):
        return topic
    return (
        topic
        if leans(name) or not is_closed(name) or is_untelling(name) or JUNK.search(name) or name in topic
        else (*topic[-1:], name)
    )
