"""From notes to one set of cards: verbatim, each fact once, made again only when the note has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from bot.quiz.cards.builder import make_cards, merge, reason_against
from bot.quiz.cards.card import Card, CardSource, NoteCards
from bot.quiz.cards.rendered_text import bare, gives_away
from knowledge.notes import Vault
from knowledge.passages import plain
from knowledge.types import Note
from tests.bot.quiz.cards.reading import cards_in, passages_in
from tests.knowledge.markdown import Written, chaos, notes
from tests.knowledge.writing import note_of

DEFINITION = "# 压缩\n\n**量化**是一种用更少位数存储权重的技术。\n"


def check(text: str) -> None:
    note = note_of(text)
    spans = {passage.id: passage for passage in passages_in(note)}
    for card in cards_in(text):
        assert text[card.start : card.end] == card.answer
        assert card.answer == card.answer.strip()
        first, last = card.lines
        assert 1 <= first <= last
        if card.source is CardSource.FOUND:
            assert card.answer in spans[card.passage].text
            assert card.passage_digest == spans[card.passage].digest
            assert reason_against(card) == ""


@given(notes)
@settings(max_examples=60)
def test_answers_stand_verbatim_in_generated_notes(note: Written) -> None:
    check(note.text)


@given(chaos)
@settings(max_examples=150)
def test_answers_stand_verbatim_in_chaos(text: str) -> None:
    check(text)


@given(chaos)
@settings(max_examples=60)
def test_answers_stand_verbatim_among_cards(text: str) -> None:
    check(f"#flashcards\n\n{text}\n\n甲{text}::乙{text}\n\n==甲{text}乙==")


async def test_a_note_that_stays_is_not_made_again() -> None:
    note = note_of(DEFINITION)
    _, parts = await make_cards([(note, passages_in(note))])
    marked = {path: replace(part, cards=part.cards[:1]) for path, part in parts.items()}
    again, _ = await make_cards([(note, passages_in(note))], before=marked)
    assert len(again.cards) == 1
    changed = replace(note, digest="other")
    fresh, _ = await make_cards([(changed, passages_in(changed))], before=marked)
    assert len(fresh.cards) == len(parts[note.path].cards) > 1


async def test_making_again_finds_the_same_cards_wherever_they_stand() -> None:
    moved = note_of("# 前言\n\n别的。\n\n" + DEFINITION, "folder/moved.md")
    first, _ = await make_cards([(note := note_of(DEFINITION), passages_in(note))])
    second, _ = await make_cards([(moved, passages_in(moved))])
    assert {card.id for card in first.cards} == {card.id for card in second.cards}
    assert {card.start for card in first.cards} != {card.start for card in second.cards}


def test_mending_a_written_answer_keeps_the_card() -> None:
    (before,) = cards_in("#flashcards\n\n首都::北就")
    (after,) = cards_in("#flashcards\n\n首都::北京")
    assert before.id == after.id


def part_of(*cards: Card) -> NoteCards:
    return NoteCards(path="note.md", digest="-", version=1, cards=cards)


def a_card(source: CardSource = CardSource.FOUND, **changes: object) -> Card:
    card = next(card for card in cards_in(DEFINITION) if card.question == "“量化”是什么？")
    return replace(card, source=source, **changes)  # type: ignore[arg-type]


def test_what_a_person_wrote_stays_and_the_others_go() -> None:
    same = [a_card(CardSource.MODEL, question="量化到底是什么技术？", prompt="量化到底是什么技术？", id="m"), a_card()]
    by_hand = a_card(CardSource.WRITTEN, id="w", question="什么是量化？", prompt="什么是量化？")
    merged = merge([part_of(*same, by_hand)])
    assert [card.source for card in merged.cards] == [CardSource.WRITTEN]
    assert sum(merged.dropped.values()) == 2


def test_two_answers_to_one_prompt_make_one_card_with_both() -> None:
    merged = merge([part_of(a_card(), a_card(id="other", answer="把浮点数变成整数"))])
    (card,) = merged.cards
    assert card.also == ("把浮点数变成整数",)


def test_different_facts_all_stay() -> None:
    text = "# 压缩\n\n**量化**是一种用更少位数存储权重的技术。\n\n**剪枝**是一种删除不重要权重的技术。\n"
    questions = {card.question for card in merge([part_of(*cards_in(text))]).cards}
    assert {"“量化”是什么？", "“剪枝”是什么？"} <= questions


def test_a_sentence_that_a_person_made_a_card_of_is_not_asked_about_again() -> None:
    text = "# 压缩 #flashcards\n\n**量化**是一种用更少位数存储==权重==的技术。\n"
    assert [card.source for card in cards_in(text)] == [CardSource.WRITTEN]


@pytest.mark.parametrize(
    ("question", "answer", "given"),
    [
        ("首都北京在哪", "北京", True),
        ("ＲＡＧ 是什么", "rag", True),
        ("什么是量化", "剪枝", False),
        ("問題", "问题", True),
        ("有几个", "……", True),
    ],
)
def test_a_question_gives_its_answer_away_in_any_writing(question: str, answer: str, given: bool) -> None:
    assert gives_away(question, answer) is given


async def test_the_group_s_notes_give_two_hundred_sound_cards(shared: Path) -> None:
    vault = Vault(shared / "notes")
    read = [vault.read(found.path) for found in vault.walk() if not hasattr(found, "why")]
    listed = [(note, passages_in(note)) for note in read if isinstance(note, Note)]
    made, _ = await make_cards(listed)
    texts = {note.path: note.text for note, _ in listed}
    passages = {passage.id: passage.text for _, found in listed for passage in found}
    assert len(made.cards) >= 200
    assert all(texts[card.path][card.start : card.end] == card.answer for card in made.cards)
    assert all(card.answer in passages[card.passage] for card in made.cards)
    assert not [card.prompt for card in made.cards if gives_away(card.prompt, card.answer)]
    assert len({bare(card.prompt) for card in made.cards}) == len(made.cards) == len({card.id for card in made.cards})
    assert all(2 <= len(plain(card.answer)) <= 120 for card in made.cards if card.source is CardSource.FOUND)
