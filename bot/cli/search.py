"""`notesbot search`: find passages for a question."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from bot.app import finder_of, interface_language, opened, run
from bot.cli.question_files import QuestionRecord, asked, print_json
from bot.rag.message_kind import MessageReading, read_message
from bot.rag.notes_guide import NotesGuide
from bot.settings import Settings
from bot.types import AnswerState
from knowledge.notebook import SearchResult
from knowledge.types import Hit

if TYPE_CHECKING:
    from bot.rag import Said


def main(options: Namespace) -> int:
    return run(options, _search)


async def _search(options: Namespace, settings: Settings) -> int:
    questions = asked(options)
    first = next(questions)
    async with opened(settings) as (notebook, models):
        finder, guide = finder_of(settings, notebook, models.fast if models else None), NotesGuide(notebook)
        await notebook.index()
        for one in (first, *questions):
            reading = read_message(one.question)
            found = await _unsearched(guide, reading) or await finder.find(_said(one), reading, count=options.count)
            if options.json:
                print_json(_as_json(one, found))
            else:
                _show(found, settings, one.question)
    return 0


async def _unsearched(guide: NotesGuide, reading: MessageReading) -> SearchResult | None:
    """Small talk and a look at what notes there are bring no passages, which is no abstention."""
    guided = await guide.answer(reading, "en")
    return (
        SearchResult(searched=reading.words, hits=(), abstained=guided.state is AnswerState.ABSTAINED, ms=0.0) if guided else None
    )


def _said(one: QuestionRecord) -> Said:
    from bot.rag import EarlierTurn, Said

    history = one.history if one.reply_to is None else one.history[: one.reply_to + 1]
    before = [EarlierTurn(question=turn.question, person=turn.person) for turn in history]
    return Said(text=one.question, person=one.person, before=before, replied=one.reply_to is not None)


def _as_json(one: QuestionRecord, found: SearchResult) -> dict[str, object]:
    passages = [_passage(hit) for hit in found.hits]
    return {
        "id": one.id,
        "question": one.question,
        "searched": found.searched,
        "abstained": found.abstained,
        "ms": round(found.ms, 2),
        "passages": passages,
    }


def _passage(hit: Hit) -> dict[str, object]:
    p = hit.passage
    return {
        "path": p.path,
        "start": p.start,
        "end": p.end,
        "lines": list(p.lines),
        "heading": list(p.heading),
        "score": round(hit.score, 4),
        "text": p.text,
    }


def _show(found: SearchResult, settings: Settings, question: str) -> None:
    from bot.commands.views import page_of_hits
    from bot.platforms.terminal.renderer import Screen, console

    language = interface_language(settings)
    Screen(console(), language).page(page_of_hits(found.hits, question, language))
