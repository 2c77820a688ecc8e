"""The sections of a note, and the sentence that says what each is about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.overview import Section, bare, main_sections, paragraphs_of, sections_of, within
from knowledge.types import Note
from tests.knowledge.markdown import chaos, notes
from tests.knowledge.writing import note_of

GARDEN = """---
title: 花园
---
写在前面的话：今年种了三样东西。

# 花园

## 1. 番茄

品种很多。番茄要搭架子，一株一米五高。

### 病害

叶子发黄时先看根，再看土。

### 采收

红透了再摘，早摘不甜。

## 2. 黄瓜

怎么种？

本节记录两年的经验。

黄瓜喜水，夏天早晚各浇一次。
"""


def names(sections: tuple[Section, ...]) -> list[str]:
    return [bare(section.heading[-1]) for section in sections if section.heading]


def firsts(note: Note, sections: tuple[Section, ...]) -> list[str]:
    return [note.text[slice(*section.first)] for section in sections if section.first]


def test_sections_stand_in_reading_order_with_those_within_them() -> None:
    sections = sections_of(note_of(GARDEN))
    assert [section.heading for section in sections] == [
        (),
        ("花园",),
        ("花园", "1. 番茄"),
        ("花园", "1. 番茄", "病害"),
        ("花园", "1. 番茄", "采收"),
        ("花园", "2. 黄瓜"),
    ]
    tomatoes = sections[2]
    assert GARDEN[tomatoes.start : tomatoes.end].startswith("## 1. 番茄")
    assert GARDEN[tomatoes.start : tomatoes.end].endswith("早摘不甜。")


def test_a_note_is_told_by_the_level_at_which_it_branches() -> None:
    sections = sections_of(note_of(GARDEN))
    assert names(main_sections(sections)) == ["番茄", "黄瓜"]
    assert names(within(sections, main_sections(sections)[0])) == ["病害", "采收"]


def test_one_section_that_is_nearly_all_of_a_note_is_told_by_what_is_in_it() -> None:
    long = "这一段话很长，说了许多事情，占满了整篇笔记。\n\n" * 20
    note = note_of(f"# 正文\n\n## 甲\n\n{long}\n\n## 乙\n\n{long}\n\n# 结束\n\n完。\n")
    assert names(main_sections(sections_of(note))) == ["甲", "乙"]


def test_the_first_telling_sentence_names_the_heading_and_neither_asks_nor_announces() -> None:
    note = note_of(GARDEN)
    assert firsts(note, main_sections(sections_of(note))) == ["番茄要搭架子，一株一米五高。", "黄瓜喜水，夏天早晚各浇一次。"]


@pytest.mark.parametrize(
    "nothing",
    [
        "```\nx = 1 的代码写在这里\n```",
        "| 品种 | 产量 |\n|---|---|\n| 樱桃番茄 | 三公斤左右吧 |",
        "![一张很大的番茄照片放在这里](tomato.png)",
        "[2024 年番茄种植记录全文](https://example.org/a)",
        "How do we grow them?",
        "下面是全部要点：",
        "See also",
    ],
)
def test_code_tables_pictures_links_and_questions_tell_nothing(nothing: str) -> None:
    note = note_of(f"# 番茄\n\n{nothing}\n")
    assert sections_of(note)[0].first is None


def test_a_sentence_that_fills_a_phone_ends_at_a_clause() -> None:
    note = note_of("# 番茄\n\n" + "番茄先育苗，再移栽到大田里去，" * 30 + "完。\n")
    (said,) = firsts(note, sections_of(note))
    assert 20 < len(said) <= 140
    assert said.endswith(("苗", "去"))


def test_a_note_without_headings_is_told_by_its_paragraphs() -> None:
    note = note_of("今年种了三样东西，都在院子里。\n\n好吗？\n\n- 番茄要搭架子，一株一米五高。\n  - 架子用竹竿，三根一组绑好。\n")
    assert main_sections(sections_of(note)) == ()
    assert firsts(note, paragraphs_of(note)) == ["今年种了三样东西，都在院子里。", "番茄要搭架子，一株一米五高。"]


def test_an_empty_note_has_no_sections() -> None:
    assert sections_of(note_of("")) == ()
    assert paragraphs_of(note_of("\n")) == ()


@pytest.mark.parametrize(
    ("heading", "named"),
    [
        ("3.2 位置编码", "位置编码"),
        ("一、背景", "背景"),
        ("（2）知识推理", "知识推理"),
        ("• 其他工具", "其他工具"),
        ("[**GPT**](https://example.org)", "GPT"),
        ("1F1B 调度", "1F1B 调度"),
        ("2024 年", "2024 年"),
        ("3.", "3."),
    ],
)
def test_a_heading_is_named_without_its_number_and_markup(heading: str, named: str) -> None:
    assert bare(heading) == named


@settings(deadline=None, max_examples=50)
@given(st.one_of(notes.map(lambda written: written.text), chaos))
def test_every_first_sentence_is_a_slice_within_its_section(text: str) -> None:
    for section in sections_of(note_of(text)):
        assert 0 <= section.start < section.end <= len(text)
        if section.first:
            assert section.start <= section.first[0] < section.first[1] <= section.end
