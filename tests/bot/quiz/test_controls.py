"""What the administrator's commands do to the cards."""

from __future__ import annotations

from pathlib import Path

from bot.commands import Controls
from bot.commands.views import Commands
from bot.middleware import Guards
from bot.quiz.card_sync import Refreshing
from bot.quiz.cards.question_store import Questions
from bot.quiz.router import Quiz
from bot.settings import Settings
from bot.storage import State
from bot.types import Page, Person, Place
from knowledge.notebook import Notebook

OWNER = Person(platform="telegram", id="1", language="en")
PRIVATE = Place(platform="telegram", chat="1")


async def test_reindex_makes_the_cards_of_what_changed(
    notebook: Notebook, state: State, commands: Commands, notes: Path, data: Path
) -> None:
    quiz = Quiz(database=state.database, vault="v")
    cards = Refreshing(quiz.deck, notebook.vault, Questions(data / "questions.sqlite"))

    async def refresh() -> None:
        await cards.refresh()

    guards = Guards.of(Settings(telegram={"admins": ["1"]}), state.database)  # type: ignore[arg-type]
    controls = Controls(notebook=notebook, state=state, commands=commands, guards=guards, quizzes=quiz, reindexed=refresh)
    (notes / "new.md").write_text("# Facts\n\nWhich capital?::Paris\n", encoding="utf-8")
    page = await controls.obey("reindex", "", OWNER, PRIVATE)
    assert isinstance(page, Page)
    asked = await controls.obey("quiz", "Facts", OWNER, PRIVATE)
    assert isinstance(asked, Page)
    assert "Which capital?" in asked.text
