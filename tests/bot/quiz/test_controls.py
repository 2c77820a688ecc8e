"""What the administrator's commands do to the cards."""

from __future__ import annotations

from pathlib import Path

from bot.commands import CommandRouter
from bot.commands.views import CommandViews
from bot.middleware import Middleware
from bot.quiz.card_sync import Refreshing
from bot.quiz.cards.llm_writer import QuestionStore
from bot.quiz.router import Quiz
from bot.settings import Settings
from bot.storage import TurnStore
from bot.types import Page, Person, Place
from knowledge.notebook import Notebook

OWNER = Person(platform="telegram", id="1", language="en")
PRIVATE = Place(platform="telegram", chat="1")


async def test_reindex_makes_the_cards_of_what_changed(
    notebook: Notebook, state: TurnStore, commands: CommandViews, notes: Path, data: Path
) -> None:
    quiz = Quiz(database=state.database, vault="v")
    cards = Refreshing(quiz.deck, notebook.vault, QuestionStore(data / "questions.sqlite"))

    async def refresh() -> None:
        await cards.refresh()

    guards = Middleware.of(Settings(telegram={"admins": ["1"]}), state.database)  # type: ignore[arg-type]
    controls = CommandRouter(notebook=notebook, state=state, commands=commands, guards=guards, quizzes=quiz, reindexed=refresh)
    (notes / "new.md").write_text("# Facts\n\nWhich capital?::Paris\n", encoding="utf-8")
    page = await controls.obey("reindex", "", OWNER, PRIVATE)
    assert isinstance(page, Page)
    asked = await controls.obey("quiz", "Facts", OWNER, PRIVATE)
    assert isinstance(asked, Page)
    assert "Which capital?" in asked.text
