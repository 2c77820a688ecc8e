"""A page goes in; its sentences come out, each with what a reader would know of where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.quiz.cards.document import NoteDocument
from bot.quiz.cards.extractors.quality import JUNK, is_closed, leans
from bot.quiz.cards.rendered_text import RenderedText
from bot.quiz.cards.topics import clean, is_untelling
from bot.types import Language, language_of
from knowledge.passages import sentences
from knowledge.passages.markdown import Block, BlockKind
from knowledge.types import Span

JOINT = re.compile(
    r"(?:但是?|不过|然而|此外|另外|因此|所以|同时|事实上|实际上|其实|当然|首先|其次|最后|而(?![且是])"
    r"|第[一二三四五]|[一二三四]是|[（(]\d[)）]|[^，。：:、]{2,14}(?:的是|来看|来说|而言|证实|显示"
    r"|表明)(?=，))\s*[，,、]?\s*"
)
"""Joins a sentence to the one before, and can be left out."""
LONGEST_LEAD = 24
"""Characters."""
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
        if words.text and not raw[start:end].rstrip('*`"”’』」 ').endswith(("?", "？")):
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
