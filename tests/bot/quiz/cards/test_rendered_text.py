"""What a person reads of Markdown, and where each character stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from bot.quiz.cards.rendered_text import read
from tests.knowledge.markdown import Written, chaos, notes


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**量化**是一种技术", "量化是一种技术"),
        ("用 `code_x` 与 ==重点==", "用 code_x 与 重点"),
        ("见 [报道](https://example.org/a_(b).html) 与 [[note|笔记]]", "见 报道 与 笔记"),
        ("价格 <span style='color:red'>10 元</span>", "价格 10 元"),
        (r"\*不是强调\*", "*不是强调*"),
        ("一行\n二行", "一行二行"),
        ("one\ntwo", "one two"),
    ],
)
def test_markup_is_not_read(markdown: str, text: str) -> None:
    assert read(markdown, 0, len(markdown)).text == text


def test_what_is_set_off_is_known_by_its_sign() -> None:
    words = read("**粗** `码` ==亮== [链](x)", 0, 30)
    assert [(mark.sign, words.text[mark.start : mark.end]) for mark in words.marks] == [
        ("**", "粗"),
        ("`", "码"),
        ("==", "亮"),
        ("[", "链"),
    ]


@pytest.mark.parametrize("markdown", ["![图](a.png) 文", "$x^2$ 文", "https://example.org 文", "文[^1]"])
def test_what_plain_words_cannot_show_is_odd(markdown: str) -> None:
    assert read(markdown, 0, len(markdown)).odd


def check(text: str) -> None:
    words = read(text, 0, len(text))
    assert len(words.text) == len(words.places)
    assert list(words.places) == sorted(set(words.places))
    for shown, place in zip(words.text, words.places, strict=True):
        assert shown == text[place] or (shown == " " and text[place].isspace())
    for mark in words.marks:
        assert 0 <= mark.start < mark.end <= len(words.text)


@given(chaos)
@settings(max_examples=300)
def test_every_character_stands_where_it_is_said_to(text: str) -> None:
    check(text)


@given(notes)
@settings(max_examples=60)
def test_every_character_of_a_note_stands_where_it_is_said_to(note: Written) -> None:
    check(note.text)
