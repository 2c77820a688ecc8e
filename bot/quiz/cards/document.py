"""A note and its passages go in; what the makers of cards need of them comes out: blocks, places, topics, finished cards."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bot.quiz.cards.card import Card, CardKind, CardSource, id_of
from bot.quiz.cards.normalization import bare, gives_away
from bot.quiz.cards.rendered_text import RenderedText, read
from bot.quiz.cards.topics import is_untelling, topic_of
from bot.types import Language, language_of
from knowledge.passages.markdown import Block, blocks_of, line_starts
from knowledge.types import Note, Passage, Span

SIGNS_BEFORE = re.compile(r"(?:\*\*|==|`)+$")
SIGNS_AFTER = re.compile(r"(?:\*\*|==|`)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDraft:
    """A card before it is placed: what is asked, and where in the file the answer stands."""

    kind: CardKind
    question: str
    answer: Span
    around: Span
    """The stretch of the file that the card is made of; its lines are the card's."""
    topic: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    hint: str = ""
    thing: str = ""
    siblings: tuple[str, ...] = ()


class NoteDocument:
    """One note. `passages` are the notebook's, in any order."""

    def __init__(self, note: Note, passages: Sequence[Passage]) -> None:
        self.note = note
        self.blocks: tuple[Block, ...] = blocks_of(note)
        self._begins = [block.start for block in self.blocks]
        self._passages = sorted(passages, key=lambda passage: passage.start)
        self._starts = [passage.start for passage in self._passages]
        self._lines = line_starts(note.text)

    def read(self, start: int, end: int) -> RenderedText:
        return read(self.note.text, start, end)

    def topic(self, block: Block) -> tuple[str, ...]:
        """What the block is about, outermost first; empty when nothing above it says so."""
        return topic_of(block.heading, self.note.front.title)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """In their order."""
        return tuple(self._passages)

    def block_at(self, start: int) -> Block | None:
        """The block that begins at or before `start`."""
        at = bisect_right(self._begins, start) - 1
        return self.blocks[at] if at >= 0 else None

    def topic_at(self, start: int) -> tuple[str, ...]:
        block = self.block_at(start)
        return self.topic(block) if block else ()

    def lines(self, span: Span) -> tuple[int, int]:
        """First and last line, counted from 1."""
        return bisect_right(self._lines[:-1], span[0]), bisect_right(self._lines[:-1], max(span[0], span[1] - 1))

    def passage(self, span: Span) -> Passage | None:
        """The passage that holds the whole span; for one cut in two, the passage where it begins."""
        at = bisect_right(self._starts, span[0]) - 1
        return self._passages[at] if at >= 0 else None

    def holds(self, span: Span) -> bool:
        """One passage holds the whole span."""
        passage = self.passage(span)
        return passage is not None and passage.start <= span[0] and span[1] <= passage.end

    def balanced(self, span: Span) -> Span | None:
        """The span with the signs around it that its own unpaired ones belong to; None when they do not pair."""
        inside = self.note.text[slice(*span)]
        before, after = (
            SIGNS_BEFORE.search(self.note.text, max(0, span[0] - 3), span[0]),
            SIGNS_AFTER.match(self.note.text, span[1]),
        )
        if before and after and before[0] == after[0] and before[0] in inside:
            return before.start(), after.end()
        if _is_balanced(inside):
            return span
        for start in {span[0], before.start() if before else span[0]}:
            for end in {span[1], after.end() if after else span[1]}:
                if _is_balanced(self.note.text[start:end]):
                    return start, end
        return None

    def card(self, draft: CardDraft, source: CardSource, *, language: Language | None = None) -> Card:
        """The finished card; its place is that of the answer."""
        start, end = draft.answer
        answer = self.note.text[start:end]
        spoken = language or language_of(f"{draft.question} {answer}")
        topic = _fitting_topic(draft, answer)
        passage = self.passage(draft.answer)
        return Card(
            id=id_of(draft.kind, draft.question, answer),
            source=source,
            kind=draft.kind,
            prompt=_prompt(topic, draft.question, spoken),
            question=draft.question,
            topic=topic,
            answer=answer,
            path=self.note.path,
            title=self.note.title,
            lines=self.lines((min(start, draft.around[0]), max(end, draft.around[1]))),
            heading=passage.heading if passage else (),
            passage=passage.id if passage else "",
            passage_digest=passage.digest if passage else "",
            start=start,
            end=end,
            language=spoken,
            tags=draft.tags,
            hint=draft.hint,
            thing=draft.thing,
            siblings=draft.siblings,
        )


def _is_balanced(text: str) -> bool:
    return all(text.count(sign) % 2 == 0 for sign in ("`", "**", "=="))


def _prompt(topic: str, question: str, language: Language) -> str:
    if not topic:
        return question
    return f"【{topic}】{question}" if language == "zh" else f"[{topic}] {question}"


def _fitting_topic(draft: CardDraft, answer: str) -> str:
    """The topic without the parts that the question names anyway or that would give the answer away."""
    asked = bare(draft.question)
    parts = [part for part in draft.topic if bare(part) not in asked and not gives_away(part, answer)]
    return " › ".join(parts) if not all(map(is_untelling, parts)) else ""
