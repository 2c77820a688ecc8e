"""What the notes are about, as it is read on a phone."""

from __future__ import annotations

import pytest

from bot.commands.sources import buttons_of
from bot.rag.overview import LISTED, Overview, fitting, outline, overview, short, size_of
from bot.types import Answer, AnswerState, Button, Citation, Language
from knowledge.overview import NoteGroup, NoteSummary, OutlinePiece, entries_of, sections_of, summarize
from tests.bot.making import citation
from tests.knowledge.writing import note_of

BOTH = pytest.mark.parametrize("language", ["zh", "en"])
PHONE = 30
"""Lines that a phone shows at once."""
TELEGRAM_DATA = 64


def note(path: str, *headings: str, characters: int = 1200) -> NoteSummary:
    pieces = [OutlinePiece(heading=(heading,), characters=characters // (len(headings) or 1)) for heading in headings or ("",)]
    return summarize(path, path.rpartition("/")[2].removesuffix(".md"), pieces, beginning="这一篇讲院子里的事。")


def many(count: int) -> list[NoteSummary]:
    return [note(f"文件夹{n % 7}/第{n}篇笔记的题目.md", "育苗与移栽", "病害与防治", "采收与储存") for n in range(count)]


def shown(page: Overview | None) -> Overview:
    assert page is not None
    return page


@BOTH
def test_a_small_vault_is_listed_whole_with_sizes_and_headings(language: Language) -> None:
    notes = [note("番茄.md", "育苗", "病害"), note("tea.md", "Brewing", "Storing", characters=90)]
    page = shown(overview(notes, language))
    assert page.text.index("**番茄**") < page.text.index("**tea**")
    for words in ("育苗", "病害", "Brewing", "Storing", size_of(1200, language), size_of(90, language)):
        assert words in page.text


@BOTH
@pytest.mark.parametrize("count", [1, 40, 1000])
def test_a_vault_of_any_size_fits_a_phone_and_every_button_what_telegram_takes(count: int, language: Language) -> None:
    page = shown(overview(many(count), language))
    assert len(page.text.splitlines()) <= PHONE
    assert len(page.text) < 1500
    assert all(len(button.data.encode()) <= TELEGRAM_DATA for button in page.buttons)
    assert str(count) in page.text


def test_more_than_a_page_is_turned_over_to_the_end_and_every_note_is_there_once() -> None:
    notes = [note(f"{name}{n}.md", characters=n + 9) for n, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳")][
        : 2 * LISTED - 1
    ]
    first, last = shown(overview(notes, "zh")), shown(overview(notes, "zh", page=1))
    assert [button.data for button in first.buttons if button.label.startswith("更多")] == ["o::1"]
    assert not [button for button in last.buttons if button.label.startswith("更多")]
    assert all((f"**{one.name}**" in first.text) != (f"**{one.name}**" in last.text) for one in notes)
    assert overview(notes, "zh", page=99) == last


def test_a_folder_is_opened_by_its_button() -> None:
    notes = many(21)
    folder = entries_of(notes)[0]
    assert isinstance(folder, NoteGroup)
    button = next(one for one in shown(overview(notes, "zh")).buttons if folder.label in one.label)
    _, key, page = button.data.split(":")
    opened = shown(overview(notes, "zh", key=key, page=int(page)))
    assert all(f"**{inside.name}**" in opened.text for inside in folder.notes)
    assert "o::0" in [one.data for one in opened.buttons]


def test_a_folder_that_is_gone_opens_nothing() -> None:
    assert overview(many(21), "zh", key="0000000000") is None


def test_notes_that_have_to_do_with_some_words_stand_in_the_order_given() -> None:
    text = fitting("番茄", [note("b.md"), note("a.md")], "zh").text
    assert "番茄" in text
    assert text.index("**b**") < text.index("**a**")


def test_one_note_is_told_by_its_sections_and_what_they_hold() -> None:
    text = "# 花园\n\n## 番茄\n\n要搭架子。\n\n### 病害\n\n看根。\n\n### 采收\n\n红透。\n\n## 黄瓜\n\n喜水，早晚各浇一次。\n"
    page = outline(note_of(text), sections_of(note_of(text)), "zh")
    assert "1. **番茄**\n   病害、采收\n2. **黄瓜**" in page.text


def test_one_note_without_headings_is_told_by_its_paragraphs() -> None:
    text = "番茄要搭架子，一株一米五高。\n\n黄瓜喜水，早晚各浇一次。\n"
    page = outline(note_of(text), sections_of(note_of(text)), "zh")
    assert "1. **番茄要搭架子" in page.text
    assert "2. **黄瓜喜水" in page.text


@pytest.mark.parametrize(
    ("characters", "language", "said"),
    [
        (7, "zh", "7 字"),
        (318, "zh", "320 字"),
        (2_140, "zh", "2100 字"),
        (98_937, "zh", "9.9 万字"),
        (2_140, "en", "2,100 characters"),
    ],
)
def test_sizes_are_told_roughly(characters: int, language: Language, said: str) -> None:
    assert size_of(characters, language) == said


def test_a_long_name_is_cut_with_a_sign() -> None:
    assert short("番茄与黄瓜的种植记录", 9) == "番茄与黄…"
    assert short("tomato", 6) == "tomato"


def test_under_an_overview_stand_its_sources_and_what_it_opens_and_under_talk_nothing() -> None:
    opens = (Button(label="1. 番茄", data="o:abc:0"),)
    cites: tuple[Citation, ...] = (citation(),)
    answer = Answer(state=AnswerState.OVERVIEW, text="…", citations=cites, buttons=opens, id="7f")
    assert [button.data for button in buttons_of(answer, "zh")] == ["s:7f:1", "o:abc:0"]
    assert buttons_of(Answer(state=AnswerState.TALK, text="你好", id="7f"), "zh") == ()
