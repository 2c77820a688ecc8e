"""Multiple choice: three wrong answers of the same kind, never a right one, the same for the same card and seed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.quiz.cards.card import Card, CardKind
from bot.quiz.cards.distractors import are_alike, choices_for
from bot.quiz.cards.rendered_text import bare
from bot.quiz.grader import Synonyms
from tests.bot.quiz.cards.reading import cards_in

TABLE = (
    "# 配置\n\n| 模型 | 层数 | 参数 |\n|---|---|---|\n| base | 12 | 110M |\n| large | 24 | 340M |\n"
    "| xl | 48 | 1.5B |\n| xxl | 96 | 12B |\n| copy | 12 | 110M |\n"
)
CARDS = cards_in(TABLE)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.question)
def test_choices_are_other_cells_of_the_column(card: Card) -> None:
    choices = choices_for(card, CARDS, seed=1)
    assert choices is not None
    assert choices.options[choices.right] == card.answer
    assert len(set(choices.options)) == 4
    assert set(choices.options) <= {card.answer, *card.siblings}


def test_the_same_card_and_seed_give_the_same_choices() -> None:
    made = [choices_for(CARDS[0], CARDS, seed=7) for _ in range(3)]
    assert made[0] == made[1] == made[2]
    assert len({choices_for(CARDS[0], tuple(reversed(CARDS)), seed=seed) for seed in range(20)}) > 1


def test_the_order_of_the_cards_does_not_matter() -> None:
    assert choices_for(CARDS[2], CARDS, seed=3) == choices_for(CARDS[2], tuple(reversed(CARDS)), seed=3)


def test_other_right_answers_and_synonyms_are_no_choices() -> None:
    card = replace(CARDS[0], also=("24",), siblings=("24", "48", "96", "36"))
    choices = choices_for(card, (), seed=1, synonyms=Synonyms([("36", "12")]))
    assert choices is None
    assert choices_for(replace(card, also=()), (), seed=1) is not None


def test_too_few_wrong_answers_give_no_choices() -> None:
    assert choices_for(replace(CARDS[0], siblings=("24",)), (), seed=1) is None


def test_lists_have_no_choices() -> None:
    assert choices_for(replace(CARDS[0], kind=CardKind.LIST), CARDS, seed=1) is None


LANDS = ("Spain", "Italy", "Greece")


def asking(question: str, answer: str) -> Card:
    return replace(CARDS[0], id=question, prompt=question, question=question, answer=answer, siblings=(), thing="pairs/x")


def test_the_answer_to_a_question_about_the_same_is_no_wrong_choice() -> None:
    fruit = ["Pears", "Plums", "Figs"]
    one = asking("Which fruit grows in Norway?", "Apples")
    others = [asking(f"Which fruit grows in {land}?", answer) for land, answer in zip(LANDS, fruit, strict=True)]
    same = asking("Which other fruit grows in Norway?", "Cherry")
    for seed in range(10):
        choices = choices_for(one, [*others, same], seed=seed)
        assert choices
        assert sorted(choices.options) == ["Apples", *sorted(fruit)]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("量化", "线性量化", True),
        ("2023年", "2023年3月", True),
        ("62b", "175b", False),
        ("强化学习", "模仿学习", False),
        ("注意力机制", "注意力机理", True),
    ],
)
def test_near_duplicates_are_seen(one: str, other: str, alike: bool) -> None:
    assert are_alike(one, other) is alike


@given(
    st.lists(st.text(st.sampled_from("量化剪枝蒸馏abc12"), min_size=1, max_size=6), min_size=3, max_size=8), st.integers(0, 50)
)
@settings(max_examples=100)
def test_no_wrong_choice_is_the_right_answer(siblings: list[str], seed: int) -> None:
    card = replace(CARDS[0], answer="量化剪枝", prompt="问", siblings=tuple(siblings), thing="term/x")
    choices = choices_for(card, (), seed=seed)
    if choices:
        wrong = [option for at, option in enumerate(choices.options) if at != choices.right]
        assert choices.options[choices.right] == "量化剪枝"
        assert bare("量化剪枝") not in map(bare, wrong)
        assert len(set(map(bare, choices.options))) == 4
