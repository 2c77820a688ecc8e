"""Cards that people write: the forms of Obsidian's Spaced Repetition, Anki's gaps, tables of questions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.quiz.cards.card import CardKind, CardSource
from tests.bot.quiz.cards.reading import cards_in, written_in

TAG = "#flashcards\n\n"


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        ("首都::北京", [("首都", "北京")]),
        ("- 首都 :: 北京 <!--SR:!2024-01-01,3,250-->", [("首都", "北京")]),
        ("首都::北京 ^abc-1", [("首都", "北京")]),
        ("北京:::Peking", [("北京", "Peking"), ("Peking", "北京")]),
        ("问一\n问二\n?\n答一\n答二\n\n别的", [("问一\n问二", "答一\n答二")]),
        ("甲\n??\n乙", [("甲", "乙"), ("乙", "甲")]),
        ("问\n?\n答\n<!--SR:!2024-01-01,3,250-->", [("问", "答")]),
        ("问\n?\n```python\na\n\nb\n```\n\n别的", [("问", "```python\na\n\nb\n```")]),
        ("甲::一\n乙::二", [("甲", "一"), ("乙", "二")]),
        ("甲::一\n问\n?\n答", [("甲", "一"), ("问", "答")]),
        ("首都是 ==北京==。", [("首都是 ____。", "北京")]),
        ("==甲==和==乙==", [("____和乙", "甲"), ("甲和____", "乙")]),
        ("首都是 ==1;;北京;;B 开头==。", [("首都是 ____（B 开头）。", "北京")]),
        ("首都是 {{c1::北京::城市}}。", [("首都是 ____（城市）。", "北京")]),
        ("{{c1::甲}}和{{c1::乙}}", [("____和[…]", "甲"), ("[…]和____", "乙")]),
        ("| 问题 | 答案 |\n|---|---|\n| 首都在哪？ | 北京 |", [("首都在哪？", "北京")]),
        ("| Term | Definition |\n|---|---|\n| token | smallest unit |", [("What is “token”?", "smallest unit")]),
    ],
)
def test_each_form_gives_its_cards(text: str, cards: list[tuple[str, str]]) -> None:
    assert written_in(TAG + text) == cards


@pytest.mark.parametrize(
    "text",
    [
        "```\n甲::乙\n```",
        "用 `std::sort` 排序",
        "甲\n\n?\n\n乙",
        "?\n答",
        "问\n?",
        "首都::",
        "::北京",
        "<!-- 甲::乙 -->",
        "| a::b | c |\n|---|---|\n| d::e | f |",
    ],
)
def test_what_is_no_card_gives_none(text: str) -> None:
    assert written_in(TAG + text) == []


@pytest.mark.parametrize("text", ["author:: Kim", "见 (status:: done)", "std::vector", "这是==重点==。", "foo(a::b)"])
def test_a_note_without_a_deck_keeps_its_fields_code_and_highlights(text: str) -> None:
    assert written_in(text) == []


@pytest.mark.parametrize("text", ["中国的首都在哪里？::北京", "点积注意力::按相关程度加权", "问\n?\n答", "首都是 {{c1::北京}}。"])
def test_a_note_without_a_deck_gives_what_is_plainly_a_card(text: str) -> None:
    assert len(written_in(text)) == 1


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#flashcards/地理\n甲::一\n\n#flashcards/历史\n乙::二", [("地理",), ("历史",)]),
        ("#flashcards/地理\n甲::一\n\n#flashcards/历史 乙::二\n\n丙::三", [("地理",), ("历史",), ("地理",)]),
        ("甲::一\n\n#flashcards/地理\n", [("地理",)]),
        ("---\ntags: [flashcards/地理, 城市]\n---\n\n甲::一", [("地理", "城市")]),
        ("#flashcards/地理 #flashcards/城市\n甲::一", [("地理", "城市")]),
    ],
)
def test_a_card_belongs_to_the_last_deck_before_it(text: str, tags: list[tuple[str, ...]]) -> None:
    assert [card.tags for card in cards_in(text)] == tags


def test_a_card_names_its_heading_and_lines() -> None:
    (card,) = cards_in("# 地理\n\n## 亚洲 #flashcards\n\n首都::北京\n")
    assert (card.prompt, card.lines, card.kind, card.source) == ("【地理 › 亚洲】首都", (5, 5), CardKind.PAIR, CardSource.WRITTEN)


def test_line_ends_of_windows_change_nothing() -> None:
    text = TAG + "甲::一\n\n问\n?\n答\n\n首都是 ==北京==。\n"
    assert written_in(text.replace("\n", "\r\n")) == written_in(text)


words = (
    st.text(st.sampled_from("注意力机制abcXYZ 0123，。"), min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda text: text.strip("，。 "))
)


@given(st.lists(st.tuples(words, words, st.sampled_from(["::", " :: ", "\n?\n"])), min_size=1, max_size=5))
@settings(max_examples=150)
def test_what_is_written_is_read_again(pairs: list[tuple[str, str, str]]) -> None:
    text = TAG + "\n\n".join(f"问{question}{form}{answer}答" for question, answer, form in pairs)
    asked = {" ".join(question.split()): answer for question, answer in written_in(text)}
    assert asked == {" ".join(f"问{question}".split()): f"{answer}答" for question, answer, _ in pairs}


@given(words, words, words)
@settings(max_examples=100)
def test_a_gap_is_closed_by_its_answer(before: str, answer: str, after: str) -> None:
    sentence = f"前{before}答{answer}底{after}后"
    ((question, closed),) = written_in(f"{TAG}前{before}=={'答' + answer + '底'}=={after}后")
    assert " ".join(question.replace("____", closed).split()) == " ".join(sentence.split())
