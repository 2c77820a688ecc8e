"""`notesbot cards`: a model writes flashcards, passage by passage; those that hold what they promise join the deck."""

from __future__ import annotations

import asyncio
import logging
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import prompts
from bot import DONE, FAILED
from bot.app import build_notebook, interface_language, models_of, open_database, run
from bot.cli.quiz import make_quiz, questions_of, refreshing
from bot.markup import printable
from bot.settings import Settings, SettingsProblem
from bot.types import Language

if TYPE_CHECKING:
    from bot.llm import ChatModel
    from bot.quiz.card_sync import Refreshing
    from bot.quiz.cards.document import NoteDocument
    from bot.quiz.cards.llm_writer import QuestionStore, WrittenCards
    from knowledge.notebook import Progress
    from knowledge.types import Passage

log = logging.getLogger(__name__)
AT_ONCE = 20
"""Passages between two times that the deck takes up what was written."""
FAILURES = 5
"""One after the other: then the model is not there."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of a run so far."""

    total: int
    """Passages that the run is to be about."""
    passages: int = 0
    written: int = 0
    silent: int = 0
    """Passages about which the model gave no answer; they are tried again in the next run."""
    in_a_row: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def count(self, asked: WrittenCards) -> None:
        """A passage about which the model was asked."""
        self.passages += 1
        self.written += len(asked.pairs)
        self.in_a_row = 0
        self.dropped.update(asked.dropped)

    def miss(self) -> None:
        """A passage about which it said nothing."""
        self.silent += 1
        self.in_a_row += 1

    def told(self, language: Language) -> str:
        """How many cards there are now, and why other questions became none, the most frequent reason first."""
        words = prompts.load("cards")
        left = self.total - self.passages
        lines = [words.say("written", language, cards=self.written, passages=self.passages, left=left)]
        lines += [words.say(f"failure_{why}", language, count=count) for why, count in self.dropped.most_common()]
        if self.silent:
            lines.append(words.say("failure_silent", language, count=self.silent))
        return "\n".join(lines)


def main(options: Namespace) -> int:
    return run(options, _cards)


async def _cards(options: Namespace, settings: Settings) -> int:
    from bot.platforms.terminal.renderer import Screen, console

    models = models_of(settings.model)
    if not models:
        raise SettingsProblem("model.name: set it to the model that is to write the cards")
    screen = Screen(console(errors=True), interface_language(settings))
    notebook = build_notebook(settings)
    database = await open_database(settings)
    deck = refreshing(make_quiz(settings, notebook, database), notebook)
    try:
        work = (await deck.to_do(models.fast.name))[: options.limit]
        tally = Tally(total=len(work))
        try:
            with screen.progress() as progress:
                await _write(work, models.fast, questions_of(notebook), deck, tally, progress)
        finally:  # also after Ctrl-C: what is written joins the deck
            await deck.refresh()
            print(printable(tally.told(screen.language)), flush=True)
    finally:
        notebook.close()
        await models.close()
        await database.close()
    return FAILED if tally.in_a_row == FAILURES else DONE


async def _write(
    work: Sequence[tuple[NoteDocument, Passage]],
    model: ChatModel,
    questions: QuestionStore,
    deck: Refreshing,
    tally: Tally,
    progress: Progress,
) -> None:
    """Have the model asked about each passage; what came of it is kept at once, also when that is nothing."""
    from bot.llm import ModelUnavailable
    from bot.quiz.cards.llm_writer import ask_about

    for done, (page, passage) in enumerate(work, 1):
        try:
            asked = await ask_about(model, page, passage)
        except ModelUnavailable as problem:
            log.warning("%s, line %d: %s", passage.path, passage.lines[0], problem)
            tally.miss()
            if tally.in_a_row == FAILURES:
                return
        else:
            await asyncio.to_thread(questions.put, passage.digest, model.name, asked.pairs)
            tally.count(asked)
        if done % AT_ONCE == 0:
            await deck.refresh()
        progress("cards", done, len(work))
