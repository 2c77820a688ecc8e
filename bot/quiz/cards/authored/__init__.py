"""Cards that people wrote into their notes, in the syntax of Obsidian's plug-ins and Anki."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from bot.quiz.cards.authored.blocks import Decks, SourceLine, decks_of, lines_of, runs_of
from bot.quiz.cards.authored.clozes import cards_of, gaps_of, is_written, questions_of
from bot.quiz.cards.authored.question_answer import QuestionAnswer, holds_pair, pairs_of
from bot.quiz.cards.card import CardKind
from bot.quiz.cards.document import CardDraft, NoteDocument, tables_of
from knowledge.passages import plain
from knowledge.passages.markdown import BlockKind as BlockKind


def written(page: NoteDocument) -> Iterator[CardDraft]:
    """The cards of the page, in order of their forms: pairs, gaps, tables."""
    lines = list(lines_of(page))
    decks, runs = decks_of(page, lines), list(runs_of(lines))
    for run in runs:
        for pair in pairs_of(page, run, tagged=decks.tagged):
            yield from _of_pair(page, pair, decks)
    yield from _clozes(page, runs, decks)
    for table in tables_of(page):
        if is_written(table):
            for _, draft in cards_of(table):
                yield replace(draft, tags=decks.of(draft.around[0]), topic=page.topic_at(draft.around[0]))


def _of_pair(page: NoteDocument, pair: QuestionAnswer, decks: Decks) -> Iterator[CardDraft]:
    text = page.note.text
    sides = [(pair.question, pair.answer), (pair.answer, pair.question)] if pair.both else [(pair.question, pair.answer)]
    for asked, answer in sides:
        yield CardDraft(
            kind=CardKind.PAIR,
            question=plain(text[slice(*asked)]) or text[slice(*asked)].strip(),
            answer=answer,
            around=pair.around,
            topic=page.topic_at(pair.around[0]),
            tags=decks.of(pair.around[0], pair.own),
            thing=f"pairs/{'/'.join(_heading(page, pair.around[0]))}",
        )


def _clozes(page: NoteDocument, runs: list[tuple[SourceLine, ...]], decks: Decks) -> Iterator[CardDraft]:
    taken = [run for run in runs if holds_pair(run)]
    starts = [run[0].start for run in taken]
    for block in page.blocks:
        text = page.note.text[block.start : block.end]
        if block.kind is not BlockKind.TEXT or ("==" not in text and "{{c" not in text):
            continue
        before = bisect_right(starts, block.start) - 1
        if before >= 0 and block.start < taken[before][-1].end:
            continue
        gaps = gaps_of(text, highlights=decks.tagged)
        for gap, question in questions_of(text, gaps):
            yield CardDraft(
                kind=CardKind.CLOZE,
                question=question,
                answer=(block.start + gap.answer[0], block.start + gap.answer[1]),
                around=(block.start, block.end),
                topic=page.topic(block),
                tags=decks.of(block.start),
                hint=gap.hint,
                thing="cloze",
                siblings=tuple(text[slice(*other.answer)] for other in gaps if other is not gap),
            )


def _heading(page: NoteDocument, start: int) -> tuple[str, ...]:
    block = page.block_at(start)
    return block.heading if block else ()
