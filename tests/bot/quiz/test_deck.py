"""The current cards of a note, and what becomes of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.quiz.card_sync import Refreshing
from bot.quiz.cards.card import Card, CardKind, CardSource
from bot.quiz.cards.llm_writer import QuestionStore, StoredQuestion
from bot.quiz.deck import Deck
from bot.quiz.fsrs import rate
from bot.quiz.router import Quiz
from bot.storage import Database
from bot.storage.cards import Learner, Review
from knowledge.notes import Vault
from knowledge.types import Passage
from tests.bot.making import write
from tests.bot.quiz.making import ANN, NOON, Chat, card


def passage(digest: str, heading: tuple[str, ...] = ("RAG",)) -> Passage:
    return Passage(
        id=digest, path="rag.md", title="RAG", start=0, end=1, lines=(1, 1), heading=heading, parents=(), text="x", digest=digest
    )


@pytest.fixture
def deck(database: Database) -> Deck:
    return Deck(database, "v")


async def states(deck: Deck, *numbers: int) -> list[str]:
    return [await deck.store.state_of(f"c{number:04}") for number in numbers]


async def test_a_card_comes_back_as_it_was_given(deck: Deck) -> None:
    one = card(1, tags=("a", "b/c"), heading=("一", "二"), prompt="什么是“RAG”？\n", lines=(3, 9))
    await deck.sync("rag.md", [one])
    assert await deck.card(one.id) == one
    assert await deck.cards() == (one,)


async def test_new_ones_are_added_and_unchanged_ones_kept(deck: Deck) -> None:
    assert (await deck.sync("rag.md", [card(1)])).added == 1
    changes = await deck.sync("rag.md", [card(1), card(2)])
    assert (changes.added, changes.kept, changes.retired) == (1, 1, 0)


async def test_a_card_that_moves_is_asked_from_its_new_place(deck: Deck) -> None:
    await deck.sync("rag.md", [card(1)])
    await deck.sync("rag.md", [card(1, start=70, end=78, lines=(8, 8))])
    moved = await deck.card("c0001")
    assert moved
    assert (moved.start, moved.lines) == (70, (8, 8))


async def test_a_card_that_moves_to_another_note_stays_one_card(deck: Deck) -> None:
    await deck.sync("a.md", [card(1, path="a.md")])
    await deck.sync("b.md", [card(1, path="b.md")])
    await deck.sync("a.md", [])
    assert [one.path for one in await deck.cards()] == ["b.md"]


async def test_a_card_that_is_not_made_again_is_retired(deck: Deck) -> None:
    await deck.sync("rag.md", [card(1), card(2)])
    assert (await deck.sync("rag.md", [card(2)])).retired == 1
    assert await states(deck, 1, 2) == ["retired", "active"]
    assert (await deck.sync("rag.md", [card(2)])).retired == 0


async def test_a_changed_passage_suspends_its_cards_until_they_are_remade(deck: Deck) -> None:
    await deck.sync("rag.md", [card(1), card(2)])
    assert await deck.passages_changed("rag.md", [passage("d2"), passage("new")]) == 1
    assert await states(deck, 1, 2) == ["suspended", "active"]
    changes = await deck.sync("rag.md", [card(1, passage_digest="new"), card(2)])
    assert (changes.returned, changes.kept) == (1, 1)
    assert await states(deck, 1, 2) == ["active", "active"]


async def test_cards_of_a_kind_that_is_made_later_wait_for_it(deck: Deck) -> None:
    """The model's cards are not made in the run that finds cards in the structure."""
    asked = [
        card(number, kind=CardKind.ASKED, heading=heading) for number, heading in ((1, ("RAG",)), (2, ("RAG",)), (3, ("Gone",)))
    ]
    await deck.sync("rag.md", asked)
    now = [passage("d1"), passage("changed")]
    changes = await deck.sync("rag.md", [card(9, passage_digest="d1")], now, kinds={CardKind.DEFINITION})
    assert (changes.added, changes.suspended, changes.retired) == (1, 1, 1)
    assert await states(deck, 1, 2, 3) == ["active", "suspended", "retired"]
    await deck.sync("rag.md", [card(4, kind=CardKind.ASKED, passage_digest="changed")], now, kinds={CardKind.ASKED})
    assert await states(deck, 1, 2, 4, 9) == ["retired", "retired", "active", "active"]


async def test_the_cards_of_a_note_that_is_gone_are_retired(deck: Deck) -> None:
    await deck.sync("a.md", [card(1, path="a.md")])
    await deck.sync("b.md", [card(2, path="b.md")])
    assert await deck.keep_notes({"b.md"}) == 1
    assert await states(deck, 1, 2) == ["retired", "active"]


async def test_history_outlives_the_card_and_comes_back_with_it(quiz: Quiz, chat: Chat) -> None:
    await quiz.deck.sync("rag.md", [card(1)])
    schedule = rate(None, 4, NOON, Learner())
    await quiz.desk.reviews.record(Review(person=ANN.key, card="c0001", rating=4, at=NOON), schedule)
    await quiz.deck.sync("rag.md", [])
    assert "There are no cards yet" in (await chat.say("")).text
    assert len(await quiz.desk.reviews.log(ANN.key)) == 1
    await quiz.deck.sync("rag.md", [card(1)])
    assert await quiz.desk.reviews.schedule(ANN.key, "c0001") == schedule
    assert "The next card is due: 2026-03-09 12:00" in (await chat.say("")).text


async def test_two_vaults_do_not_mix(database: Database) -> None:
    one, other = Deck(database, "one"), Deck(database, "other")
    await one.sync("rag.md", [card(1)])
    await other.sync("rag.md", [card(1), card(2)])
    await one.sync("rag.md", [])
    assert [len(await deck.cards()) for deck in (one, other)] == [0, 2]


async def test_more_cards_than_one_query_takes(deck: Deck) -> None:
    many = [card(number) for number in range(1200)]
    assert (await deck.sync("rag.md", many)).added == 1200
    assert (await deck.sync("rag.md", many)).kept == 1200
    assert (await deck.sync("rag.md", [])).retired == 1200


def refreshing(deck: Deck, folder: Path) -> Refreshing:
    return Refreshing(deck, Vault(folder), QuestionStore(folder.parent / "questions.sqlite"))


async def test_refreshing_reads_the_vault_and_forgets_notes_that_are_gone(deck: Deck, tmp_path: Path) -> None:
    folder = write(tmp_path / "notes", {"a.md": "# A\n\nWhich capital?::Paris\n", "b.md": "# B\n\nWhich colour?::Blue\n"})
    cards = refreshing(deck, folder)
    assert (await cards.refresh()).added == 2
    (folder / "b.md").unlink()
    changes = await cards.refresh()
    assert (changes.kept, changes.retired) == (1, 1)
    assert [one.answer for one in await deck.cards()] == ["Paris"]


async def test_a_note_that_did_not_change_is_made_into_cards_once(deck: Deck, tmp_path: Path) -> None:
    folder = write(tmp_path / "notes", {"a.md": "# A\n\nWhich capital?::Paris\n", "b.md": "# B\n\nWhich colour?::Blue\n"})
    cards = refreshing(deck, folder)
    await cards.refresh()
    await deck.sync("a.md", [])  # what nobody should put right, as the note is the same
    (folder / "b.md").write_text("# B\n\nWhich colour?::Red\n", encoding="utf-8")
    await cards.refresh()
    assert [one.answer for one in await deck.cards()] == ["Red"]
    await refreshing(deck, folder).refresh()
    assert [one.answer for one in await deck.cards()] == ["Paris", "Red"]


LONG = "训练后量化不需要重新训练模型，只用几百条样本来校准数值范围，所以很快；量化感知训练则在训练时模拟低精度。"


async def test_what_a_model_asked_follows_its_passage(deck: Deck, tmp_path: Path) -> None:
    """It moves with it, rests while it has changed, comes back with it, and is retired once the model was asked anew."""
    folder = write(tmp_path / "notes", {"a.md": f"# 量化\n\n{LONG}\n"})
    questions = QuestionStore(tmp_path / "questions.sqlite")
    cards = refreshing(deck, folder)
    ((_, passage),) = await cards.to_do("qwen")
    start = passage.text.index("几百条样本")
    questions.put(
        passage.digest, "qwen", [StoredQuestion(question="训练后量化用什么来校准数值范围？", start=start, end=start + 5)]
    )
    await cards.refresh()
    (card,) = await asked_cards(deck)
    assert (card.answer, await cards.to_do("qwen"), len(await cards.to_do("llama"))) == ("几百条样本", [], 1)

    (folder / "a.md").write_text(f"# 前言\n\n很短。\n\n# 量化\n\n{LONG}\n", encoding="utf-8")
    await cards.refresh()
    (moved,) = await asked_cards(deck)
    text = (folder / "a.md").read_text(encoding="utf-8")
    assert (moved.id, text[moved.start : moved.end], moved.start > card.start) == (card.id, "几百条样本", True)

    (folder / "a.md").write_text(f"# 量化\n\n{LONG}它常用于推理。\n", encoding="utf-8")
    await cards.refresh()
    assert (await asked_cards(deck), await deck.store.state_of(card.id)) == ([], "suspended")

    (folder / "a.md").write_text(f"# 量化\n\n{LONG}\n", encoding="utf-8")
    await cards.refresh()
    assert [one.id for one in await asked_cards(deck)] == [card.id]

    (folder / "a.md").write_text(f"# 量化\n\n{LONG}它常用于推理。\n", encoding="utf-8")
    await cards.refresh()
    ((_, changed),) = await cards.to_do("qwen")
    questions.put(changed.digest, "qwen", [])
    await cards.refresh()
    assert await deck.store.state_of(card.id) == "retired"


async def test_a_card_of_the_model_that_the_notes_ask_too_is_asked_once(deck: Deck, tmp_path: Path) -> None:
    folder = write(tmp_path / "notes", {"a.md": f"# 量化\n\n训练后量化用什么来校准数值范围？::几百条样本\n\n{LONG}\n"})
    cards = refreshing(deck, folder)
    for _, passage in await cards.to_do("qwen"):
        at = passage.text.index("几百条样本", passage.text.index("只用"))
        pair = StoredQuestion(question="训练后量化用什么来校准数值范围？", start=at, end=at + 5)
        QuestionStore(tmp_path / "questions.sqlite").put(passage.digest, "qwen", [pair])
    await cards.refresh()
    assert [card.source for card in await deck.cards() if card.answer == "几百条样本"] == [CardSource.WRITTEN]


async def asked_cards(deck: Deck) -> list[Card]:
    return [card for card in await deck.cards() if card.kind is CardKind.ASKED]
